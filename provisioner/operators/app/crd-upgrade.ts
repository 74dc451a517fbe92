/** Brings the CRDs of a chart's folders crds/ into the cluster before its release is installed or upgraded: all of them, or none. */
import { annotations } from '../../api/labels.ts';
import { type Crd, HelmError } from '../../helm/index.ts';
import { type Clock, type Condition, findCondition, isKubeError, keyOf, type KubeClient, type KubeObject, resources, sleep } from '../../kube/index.ts';
import { servedResource } from '../served.ts';
import { crdMark, type CrdSource, crdStep, type LiveCrd } from './crd-step.ts';
import { fieldManager } from './status.ts';

export interface CrdUpgrade {
  readonly client: KubeClient;
  readonly from: CrdSource;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** A CRD is served a moment after it was made; longer than this something is wrong with it. */
const establishedMs = { poll: 200, atMost: 30_000 } as const;
/** How many users of a version a message names. */
const shownUsers = 3;

/** @throws {HelmError} HELM_CRD_UNSAFE before anything is changed; HELM_TIMEOUT for one that is not served in time @throws {KubeError} */
export async function upgradeCrds(crds: readonly Crd[], o: CrdUpgrade): Promise<void> {
  const due: Crd[] = [];
  for (const crd of crds) if (await isDue(crd, o)) due.push(crd);
  for (const crd of due) await apply(crd, o);
  for (const crd of due) await established(crd, o);
}

/** As it is applied. */
export function crdObject(crd: Crd, from: CrdSource): KubeObject {
  const { apiVersion, kind, metadata: { name, labels = {}, annotations: given }, spec } = crd;
  const marked = { ...given, [annotations.crdSource]: crdMark(crd, from) };
  return { apiVersion, kind, metadata: { name, labels: labels as Record<string, string>, annotations: marked }, spec };
}

async function isDue(crd: Crd, o: CrdUpgrade): Promise<boolean> {
  const live = await o.client.get<KubeObject & LiveCrd>(resources.customResourceDefinitions, { name: crd.metadata.name }, { signal: o.signal });
  const step = crdStep(crd, live, o.from);
  if (step.kind === 'refuse') throw unsafe(crd, step.message);
  if (step.kind === 'keep') return false;
  for (const version of step.unserved) {
    const users = live ? await usersOf(live, version, o) : [];
    if (users.length > 0) throw unsafe(crd, `version ${version} would no longer be served, and is still used by ${users.join(', ')}`);
  }
  return true;
}

interface Written {
  readonly manager?: string;
  readonly apiVersion?: string;
  /** In whole seconds. */
  readonly time?: string;
}

interface Used extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly managedFields?: readonly Written[] };
}

/** Who last wrote an object in that version and in no other since stands in its managedFields: "Widget default/a (kubectl)". The first of them. */
async function usersOf({ spec }: LiveCrd, version: string, { client, signal }: CrdUpgrade): Promise<readonly string[]> {
  const { group, names: { plural, kind }, scope } = spec;
  const users: string[] = [];
  for await (const { items, isRestart } of client.pages<Used>({ group, version, plural, kind, namespaced: scope === 'Namespaced' }, { metadataOnly: true, signal })) {
    if (isRestart) users.length = 0;
    for (const { metadata } of items) {
      const writers = writersIn(`${group}/${version}`, metadata.managedFields ?? []);
      if (writers.length > 0) users.push(`${kind} ${keyOf(metadata)} (${writers.join(', ')})`);
      if (users.length >= shownUsers) return users;
    }
  }
  return users;
}

/** A manager that updates has an entry for each version it wrote in; one that applies has that of its last apply. */
function writersIn(apiVersion: string, written: readonly Written[]): readonly string[] {
  const hasMovedOn = (one: Written): boolean => written.some((other) => other.manager === one.manager && other.apiVersion !== apiVersion && (other.time ?? '') >= (one.time ?? ''));
  return [...new Set(written.filter((one) => one.apiVersion === apiVersion && !hasMovedOn(one)).map(({ manager = 'somebody' }) => manager))];
}

/** Its list of versions is one field to the API server: it becomes what the chart says, whoever wrote it before. */
async function apply(crd: Crd, { client, from, signal }: CrdUpgrade): Promise<void> {
  try {
    await client.apply(resources.customResourceDefinitions, crdObject(crd, from), { fieldManager, force: true, signal });
  } catch (error) {
    if (isKubeError(error, 'KUBE_INVALID')) throw unsafe(crd, error.message, error);
    throw error;
  }
}

/** Established says nothing of a version that is added; Helm takes kinds from discovery. */
async function established(crd: Crd, { client, clock, signal }: CrdUpgrade): Promise<void> {
  const { name } = crd.metadata;
  for (const began = clock.monotonicMs(); clock.monotonicMs() - began < establishedMs.atMost; ) {
    const found = await client.get<KubeObject & { status?: { conditions?: Condition[] } }>(resources.customResourceDefinitions, { name }, { signal });
    const conditions = found?.status?.conditions;
    if (findCondition(conditions, 'Established')?.status === 'True' && (await isListed(crd, client, signal))) return;
    const refused = findCondition(conditions, 'NamesAccepted');
    if (refused?.status === 'False') throw new HelmError('HELM_CONFLICT', `CustomResourceDefinition ${name}: ${refused.message}; remove the other definition of these names`);
    await sleep(establishedMs.poll, { clock, signal });
  }
  throw new HelmError('HELM_TIMEOUT', `CustomResourceDefinition ${name} is not served ${establishedMs.atMost / 1000} s after it was applied; see its conditions`);
}

/** Every version that it serves, in discovery. */
async function isListed({ spec: { group, names, versions } }: Crd, client: KubeClient, signal: AbortSignal | undefined): Promise<boolean> {
  for (const { name, served } of versions) if (served && !(await servedResource(client, `${group}/${name}`, names.kind, signal))) return false;
  return true;
}

function unsafe(crd: Crd, why: string, cause?: unknown): HelmError {
  return new HelmError('HELM_CRD_UNSAFE', `CustomResourceDefinition ${crd.metadata.name}: ${why}. Nothing was changed; go by a chart version that has both, and see docs/apps.md for how to leave the old one`, { cause });
}

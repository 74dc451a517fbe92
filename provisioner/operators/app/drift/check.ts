/** Compares a release with its cluster: every object is applied as a dry run, and what would change is what differs. */
import type { ManifestObject } from '../../../helm/index.ts';
import { isKubeError, keyOf, type KubeClient, type KubeObject, type Resource } from '../../../kube/index.ts';
import { compare, type DriftField, type Meant } from './compare.ts';
import type { Step } from './path.ts';

export interface DriftCheck {
  readonly client: KubeClient;
  readonly release: string;
  /** Of the release. */
  readonly namespace: string;
  readonly objects: readonly ManifestObject[];
  readonly meant: Meant;
  /** Take back what differs, but for what is meant to be. */
  readonly correct: boolean;
  resourceOf(object: ManifestObject): Promise<Resource | undefined>;
  readonly signal?: AbortSignal | undefined;
}

/** The name that Helm applies under: that of its binary. */
export const helmManager = 'helm';

/** In the order of the manifest. @throws {KubeError} where the API server does not answer, or a webhook refuses dry runs */
export async function checkDrift(check: DriftCheck): Promise<readonly DriftField[]> {
  const found: DriftField[] = [];
  // One after the other: nobody waits for the result, and an API server has others to serve.
  for (const object of check.objects) found.push(...(await checkObject(check, object)));
  return found;
}

async function checkObject(check: DriftCheck, object: ManifestObject): Promise<readonly DriftField[]> {
  const { client, signal } = check;
  const resource = await check.resourceOf(object);
  const ours = asHelmApplies(object, resource, check);
  const { name, namespace } = ours.metadata;
  const what = `${object.kind} ${keyOf({ namespace, name })}`;
  const live = resource && (await client.get(resource, { namespace, name }, { signal }));
  if (!resource || !live) {
    if (check.correct && resource) await client.apply(resource, ours, { fieldManager: helmManager, force: true, signal });
    return [{ object: what, field: '', change: 'deleted', by: '' }];
  }
  const wanted = await dryRun(check, resource, ours);
  if (wanted === 'immutable') return [{ object: what, field: '', change: 'changed', by: '' }];
  const { fields, meant } = compare(live, wanted, { meant: check.meant, helm: helmManager });
  if (check.correct && fields.some(({ change }) => change === 'changed')) await client.apply(resource, without(ours, meant), { fieldManager: helmManager, force: true, signal });
  return fields.map((field) => ({ object: what, ...field }));
}

/** An object whose immutable field somebody changed by making it anew cannot even be applied as a dry run. */
async function dryRun({ client, signal }: DriftCheck, resource: Resource, ours: KubeObject): Promise<KubeObject | 'immutable'> {
  try {
    return await client.apply<KubeObject>(resource, ours, { fieldManager: helmManager, force: true, dryRun: true, signal });
  } catch (error) {
    if (isKubeError(error, 'KUBE_INVALID')) return 'immutable';
    throw error;
  }
}

/** Helm marks what belongs to a release when it applies it (pkg/action/validate.go); the marks are not in the manifest. */
export function asHelmApplies(object: ManifestObject, resource: Resource | undefined, { release, namespace }: Pick<DriftCheck, 'release' | 'namespace'>): KubeObject {
  const { labels, annotations, namespace: own, ...metadata } = object.metadata as { labels?: Record<string, string>; annotations?: Record<string, string>; namespace?: string; name: string };
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(resource?.namespaced === false ? {} : { namespace: own ?? namespace }),
      labels: { ...labels, 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { ...annotations, 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': namespace },
    },
  };
}

/** The object without some of its fields: an apply then leaves them to whom they belong. */
function without(object: KubeObject, paths: readonly (readonly Step[])[]): KubeObject {
  const copy = structuredClone(object) as Record<string, unknown>;
  for (const steps of paths) {
    let at: unknown = copy;
    for (const step of steps.slice(0, -1)) at = inside(at, step);
    const last = steps.at(-1);
    if (last && 'key' in last && typeof at === 'object' && at !== null) delete (at as Record<string, unknown>)[last.key];
  }
  return copy as KubeObject;
}

function inside(at: unknown, step: Step): unknown {
  if ('key' in step) return (at as Record<string, unknown> | undefined)?.[step.key];
  if (!Array.isArray(at)) return undefined;
  const name = (step.item as { readonly name?: unknown } | null)?.name;
  return at.find((item: unknown) => (item as { readonly name?: unknown } | null)?.name === name) ?? at[step.index];
}

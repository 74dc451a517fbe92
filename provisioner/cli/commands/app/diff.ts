/** `keelson app diff NAME`: what installing the App now would change in its cluster, by dry runs of the API server. */
import { chartCrds, type Crd, Helm, type ManifestObject } from '../../../helm/index.ts';
import { keyOf, type KubeClient, type KubeObject, type Resource, resources, systemClock } from '../../../kube/index.ts';
import { type CrdSource, crdStep, type LiveCrd } from '../../../operators/app/crd-step.ts';
import { crdObject } from '../../../operators/app/crd-upgrade.ts';
import { asHelmApplies, helmManager } from '../../../operators/app/drift/check.ts';
import { differences } from '../../../operators/app/drift/differences.ts';
import { pathText, type Step } from '../../../operators/app/drift/path.ts';
import { Kinds } from '../../../operators/app/kinds.ts';
import { releaseAt } from '../../../operators/app/release-keeper.ts';
import { newestRecord } from '../../../operators/app/release-record.ts';
import { fieldManager } from '../../../operators/app/status.ts';
import type { CliContext, OutputOptions } from '../../context.ts';
import { write } from '../../write.ts';
import { withManagement } from '../cluster/management.ts';
import { type AppOptions, loadApp, withTarget } from './load.ts';

export interface ObjectChange {
  readonly object: string;
  /** refused: a CRD that the operator would not touch; the one field says why. */
  readonly change: 'created' | 'changed' | 'removed' | 'refused';
  /** Values of Secrets are left out. */
  readonly fields: readonly { readonly field: string; readonly from?: unknown; readonly to?: unknown }[];
}

export async function appDiff(context: CliContext, name: string, options: AppOptions & OutputOptions): Promise<void> {
  await withManagement(context, options, async (client) => {
    const { app, values, chartPath, chartVersion } = await loadApp(context, client, { namespace: options.namespace ?? 'default', name }, options);
    await withTarget(context, { client, options }, app, async (target, kubeconfig) => {
      const { signal } = context;
      const helm = new Helm({ binary: options.helm });
      const at = releaseAt(app);
      const content = { chart: chartPath, values: values.merged, secrets: values.secrets, signal };
      const crds = app.spec.crds === 'Skip' ? [] : chartCrds((await helm.checkValues({ ...at, ...content })) ?? '');
      const wanted = await helm.preview({ ...at, ...content, kubeconfig: { content: kubeconfig } });
      const kinds = new Kinds(systemClock);
      const now = (await newestRecord(target, at, signal))?.objects ?? [];
      const changes = [
        ...await crdChanges(target, crds, { chart: app.spec.chart, version: chartVersion }, signal),
        ...await objectChanges({ client: target, ...at, wanted, now, resourceOf: (object) => kinds.resourceOf(target, 'target', object, signal), signal }),
      ];
      write(context, options.output, changes, () => diffText(changes));
      if (changes.length > 0) context.setExitCode(1);
    });
  });
}

interface Comparison {
  readonly client: KubeClient;
  readonly release: string;
  readonly namespace: string;
  readonly wanted: readonly ManifestObject[];
  /** What the release has now. */
  readonly now: readonly ManifestObject[];
  resourceOf(object: ManifestObject): Promise<Resource | undefined>;
  readonly signal: AbortSignal;
}

async function objectChanges(o: Comparison): Promise<readonly ObjectChange[]> {
  const changes: ObjectChange[] = [];
  for (const object of o.wanted) {
    const resource = await o.resourceOf(object);
    const ours = asHelmApplies(object, resource, o);
    const what = nameOf(ours);
    const live = resource && (await o.client.get<KubeObject>(resource, { namespace: ours.metadata.namespace, name: ours.metadata.name }, { signal: o.signal }));
    if (!resource || !live) changes.push({ object: what, change: 'created', fields: [] });
    else {
      const after = await o.client.apply<KubeObject>(resource, ours, { fieldManager: helmManager, force: true, dryRun: true, signal: o.signal });
      const fields = [...differences(live, after)].map((steps) => fieldChange(steps, live, after));
      if (fields.length > 0) changes.push({ object: what, change: 'changed', fields });
    }
  }
  const kept = new Set(o.wanted.map((object) => `${object.apiVersion} ${nameOf(asHelmApplies(object, undefined, o))}`));
  const gone = o.now.map((object) => ({ object, name: nameOf(asHelmApplies(object, undefined, o)) })).filter(({ object, name }) => !kept.has(`${object.apiVersion} ${name}`));
  return [...changes, ...gone.map(({ name }) => ({ object: name, change: 'removed' as const, fields: [] }))];
}

async function crdChanges(client: KubeClient, crds: readonly Crd[], from: CrdSource, signal: AbortSignal): Promise<readonly ObjectChange[]> {
  const changes: ObjectChange[] = [];
  for (const crd of crds) {
    const [ours, resource] = [crdObject(crd, from), resources.customResourceDefinitions];
    const live = await client.get<KubeObject & LiveCrd>(resource, { name: crd.metadata.name }, { signal });
    const step = crdStep(crd, live, from);
    const object = nameOf(ours);
    if (step.kind === 'refuse') changes.push({ object, change: 'refused', fields: [{ field: step.message }] });
    else if (step.kind === 'apply' && !live) changes.push({ object, change: 'created', fields: [] });
    else if (step.kind === 'apply' && live) {
      const after = await client.apply<KubeObject>(resource, ours, { fieldManager, force: true, dryRun: true, signal });
      const fields = [...differences(live, after)].map((steps) => ({ field: pathText(steps) })).filter(({ field }) => field.startsWith('spec'));
      if (fields.length > 0) changes.push({ object, change: 'changed', fields });
    }
  }
  return changes;
}

const nameOf = (object: KubeObject): string => `${object.kind} ${keyOf(object.metadata)}`;

function fieldChange(steps: readonly Step[], live: KubeObject, after: KubeObject): ObjectChange['fields'][number] {
  const field = pathText(steps);
  if (live.kind === 'Secret') return { field };
  const [from, to] = [at(live, steps), at(after, steps)];
  return { field, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function at(object: unknown, steps: readonly Step[]): unknown {
  return steps.reduce<unknown>((value, step) => {
    if ('key' in step) return (value as Record<string, unknown> | undefined)?.[step.key];
    const name = (step.item as { readonly name?: unknown } | null)?.name;
    return Array.isArray(value) ? (name === undefined ? (value[step.index] as unknown) : value.find((item: unknown) => (item as { readonly name?: unknown }).name === name)) : undefined;
  }, object);
}

const marks = { created: '+', changed: '~', removed: '-', refused: '!' } as const;
const short = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 100));

export function diffText(changes: readonly ObjectChange[]): string {
  if (changes.length === 0) return 'nothing would change\n';
  const lines = changes.flatMap(({ object, change, fields }) => [
    `${marks[change]} ${object}`,
    ...fields.map(({ field, from, to }) => (from === undefined && to === undefined ? `    ${field}` : `    ${field}: ${short(from)} → ${short(to)}`)),
  ]);
  return `${lines.join('\n')}\n`;
}

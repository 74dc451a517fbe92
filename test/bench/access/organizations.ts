/** 200 organizations with five clusters each: from the change of an Organization to the right that follows, and what the operator does while nothing happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeClient, type KubeObject, Reflector, resources } from '../../../provisioner/kube/index.ts';
import type { Figure } from '../figures.ts';
import { startManagement, type Management } from '../../provisioner/operators/organization/management.ts';
import { clusterOf, organizationOf } from '../../provisioner/operators/organization/objects.ts';
import { openBox } from '../../provisioner/operators/fleet.ts';
import { eventually } from '../../provisioner/operators/surroundings.ts';

const clustersEach = 5;
/** How many of the changes come at once in the second round. */
const atOnce = 20;
/** Not ours: what the operator does for clusters of its own class, which here have no cloud and would be looked at again and again, is measured elsewhere. */
const className = 'class-of-others';

interface Bound extends KubeObject {
  readonly subjects?: readonly { readonly name: string }[];
}

/** @param organizations also as many changes as are measured, one after another @param idleMs how long nothing happens at the end */
export async function organizationFigures(organizations = 200, idleMs = 60_000): Promise<Figure[]> {
  const management = await startManagement();
  const abort = new AbortController();
  try {
    await finish(management);
    management.startOperator();
    const fanOutSeconds = await fanOut(management, organizations);
    await fill(management.client, organizations);
    const bindings = new Reflector<Bound>({ client: management.client.fork(), resource: resources.roleBindings, labelSelector: 'keelson.dev/organization' });
    bindings.start(abort.signal);
    await bindings.whenSynced();
    await sleep(10_000);
    const single = await rounds(management, bindings, { organizations, width: 1 });
    const width = Math.min(atOnce, organizations);
    const many = await rounds(management, bindings, { organizations, width });
    return [
      { what: `${organizations} organizations made at once, until the last has its rights`, measured: fanOutSeconds, unit: 's', note: `${(fanOutSeconds * 1000 / organizations).toFixed(0)} ms each` },
      ...figures(`change of a member to the binding, ${organizations} organizations × ${clustersEach} clusters`, single),
      ...figures(`the same, ${width} changes at once`, many),
      ...(await idle(management, { organizations, idleMs })),
    ];
  } finally {
    abort.abort();
    await management.stop();
  }
}

/** What a whole installation has and the operator would wait for here, asking every few seconds: Cluster API's ExtensionConfig, and the certificate of the topology extension. */
async function finish({ api, client }: Management): Promise<void> {
  await client.create(resources.customResourceDefinitions, openBox({ ...resources.extensionConfigs, scope: 'Cluster' }));
  await eventually(() => client.list(resources.extensionConfigs));
  await client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keelson-topology-extension-tls', namespace: 'keelson-system' }, data: { 'ca.crt': Buffer.from(api.ca.cert).toString('base64') } } as KubeObject);
}

const nameOf = (i: number): string => `tenant-${String(i).padStart(3, '0')}`;

async function fanOut({ client }: Management, organizations: number): Promise<number> {
  const started = performance.now();
  await inBatches(organizations, 25, (i) => client.create(resources.organizations, withoutIdentities(organizationOf(nameOf(i), { allowedClasses: [{ name: className }] }))));
  const isReady = (organization: KubeObject): boolean => JSON.stringify(organization['status'] ?? {}).includes('"reason":"Applied"');
  await eventually(async () => (await client.list(resources.organizations)).items.filter(isReady).length === organizations, 300_000);
  return (performance.now() - started) / 1000;
}

/** One whose Secret is missing would be looked at again and again: that is a retry, and not what is measured. */
const withoutIdentities = (organization: KubeObject): KubeObject => ({ ...organization, spec: { ...(organization['spec'] as object), identities: [] } });

const fill = (client: KubeClient, organizations: number): Promise<void> => inBatches(organizations * clustersEach, 10, async (i) => {
  const namespace = `org-${nameOf(i % organizations)}`;
  await eventually(async () => (await client.create(resources.clusters, clusterOf(`c${Math.floor(i / organizations)}`, namespace, { className }))) !== undefined, 60_000);
});

/** Milliseconds from sending the change to seeing the binding, and after each round the API server says that the right is there. */
async function rounds(management: Management, bindings: Reflector<Bound>, { organizations, width }: { organizations: number; width: number }): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < organizations; i += width) {
    times.push(...(await Promise.all(Array.from({ length: width }, (_, n) => one(management, bindings, { name: nameOf((i + n) % organizations), user: `oidc:w${width}-${i + n}` })))));
  }
  return times;
}

async function one(management: Management, bindings: Reflector<Bound>, { name, user }: { name: string; user: string }): Promise<number> {
  const namespace = `org-${name}`;
  const seen = new Promise<number>((resolve) => {
    const stop = bindings.onChange(({ object }) => {
      if (object.metadata.namespace !== namespace || !object.subjects?.some((subject) => subject.name === user)) return;
      resolve(performance.now());
      queueMicrotask(() => stop());
    });
  });
  const started = performance.now();
  await management.client.patch(resources.organizations, { name }, { type: 'json', body: [{ op: 'add', path: '/spec/members/-', value: { kind: 'User', name: user, role: 'reader' } }] });
  const took = (await seen) - started;
  await eventually(() => management.as(user).may('list', 'clusters.cluster.x-k8s.io', { namespace }));
  return took;
}

/** Requests of the operator while nothing changes; watches that stay open are none. It runs without a lease here, whose renewal is the one thing it would have to ask for. */
async function idle({ audited }: Management, { organizations, idleMs }: { organizations: number; idleMs: number }): Promise<Figure[]> {
  await sleep(5_000);
  const before = audited().length;
  await sleep(idleMs);
  const asked = audited().slice(before).filter(({ user, verb }) => user.username.endsWith(':keelson-operator') && verb !== 'watch');
  const counts = Map.groupBy(asked, ({ verb, objectRef, requestURI }) => [verb, objectRef?.resource ?? requestURI, objectRef?.name].filter(Boolean).join(' '));
  return [{
    what: `requests of the operator in ${idleMs / 1000} s without a change, ${organizations} organizations × ${clustersEach} clusters`, measured: asked.length, unit: 'requests', goal: 0,
    note: `${[...counts].map(([what, all]) => `${all.length} ${what}`).join(', ') || 'none'}; leases apart. Organizations have no identity here: one with credentials costs a login at its cloud an hour`,
  }];
}

function figures(what: string, times: readonly number[]): Figure[] {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
  return [{ what: `${what}, p99`, measured: at(0.99), unit: 'ms', goal: 1000, note: `p50 ${at(0.5).toFixed(0)} ms, ${times.length} changes; the API server then confirmed each right` }];
}

async function inBatches(count: number, width: number, work: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i += width) await Promise.all(Array.from({ length: Math.min(width, count - i) }, (_, n) => work(i + n)));
}

/** 200 organizations with five clusters each: from the change of an Organization to the right that follows, and what the operator does while nothing happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeClient, type KubeObject, Reflector, resources } from '../../../provisioner/kube/index.ts';
import type { Figure } from '../figures.ts';
import { startManagement, type Management } from '../../provisioner/operators/organization/management.ts';
import { clusterOf, organizationOf } from '../../provisioner/operators/organization/objects.ts';
import { eventually } from '../../provisioner/operators/surroundings.ts';

const organizations = 200;
const clustersEach = 5;
/** Changes that are measured, one after another, and how many of them come at once in the second round. */
const changes = 200;
const atOnce = 20;
const idleMs = 60_000;
/** Not ours: what the operator does for clusters of its own class, which here have no cloud and would be looked at again and again, is measured elsewhere. */
const className = 'class-of-others';

interface Bound extends KubeObject {
  readonly subjects?: readonly { readonly name: string }[];
}

export async function organizationFigures(): Promise<Figure[]> {
  const management = await startManagement();
  const abort = new AbortController();
  try {
    management.startOperator();
    const fanOutSeconds = await fanOut(management);
    await fill(management.client);
    const bindings = new Reflector<Bound>({ client: management.client.fork(), resource: resources.roleBindings, labelSelector: 'keelson.dev/organization' });
    bindings.start(abort.signal);
    await bindings.whenSynced();
    await sleep(10_000);
    const single = await rounds(management, bindings, 1);
    const many = await rounds(management, bindings, atOnce);
    return [
      { what: `${organizations} organizations made at once, until the last has its rights`, measured: fanOutSeconds, unit: 's', note: `${(fanOutSeconds * 1000 / organizations).toFixed(0)} ms each` },
      ...figures(`change of a member to the binding, ${organizations} organizations × ${clustersEach} clusters`, single),
      ...figures(`the same, ${atOnce} changes at once`, many),
      await idle(management),
    ];
  } finally {
    abort.abort();
    await management.stop();
  }
}

const nameOf = (i: number): string => `tenant-${String(i).padStart(3, '0')}`;

async function fanOut({ client }: Management): Promise<number> {
  const started = performance.now();
  await inBatches(organizations, 25, (i) => client.create(resources.organizations, organizationOf(nameOf(i), { allowedClasses: [{ name: className }] })));
  const isReady = (organization: KubeObject): boolean => JSON.stringify(organization['status'] ?? {}).includes('"reason":"Applied"');
  await eventually(async () => (await client.list(resources.organizations)).items.filter(isReady).length === organizations, 300_000);
  return (performance.now() - started) / 1000;
}

const fill = (client: KubeClient): Promise<void> => inBatches(organizations * clustersEach, 10, async (i) => {
  const namespace = `org-${nameOf(i % organizations)}`;
  await eventually(async () => (await client.create(resources.clusters, clusterOf(`c${Math.floor(i / organizations)}`, namespace, { className }))) !== undefined, 60_000);
});

/** Milliseconds from sending the change to seeing the binding, and after each round the API server says that the right is there. */
async function rounds(management: Management, bindings: Reflector<Bound>, width: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < changes; i += width) {
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

/** Requests of the operator while nothing changes; watches that stay open are none. */
async function idle({ audited }: Management): Promise<Figure> {
  await sleep(5_000);
  const before = audited().length;
  await sleep(idleMs);
  const asked = audited().slice(before).filter(({ user, verb, objectRef }) => user.username.endsWith(':keelson-operator') && verb !== 'watch' && ['organizations', 'namespaces', 'rolebindings', 'clusters'].includes(objectRef?.resource ?? ''));
  const counts = new Map<string, number>();
  for (const { verb, objectRef } of asked) counts.set(`${verb} ${objectRef?.resource}`, (counts.get(`${verb} ${objectRef?.resource}`) ?? 0) + 1);
  return {
    what: `requests for organizations, namespaces, bindings and clusters in ${idleMs / 1000} s without a change`, measured: asked.length, unit: 'requests',
    note: `${[...counts].map(([what, count]) => `${count} ${what}`).join(', ') || 'none'}; identities whose Secret is missing, as all are here, are looked at again after 5 s, then ever more rarely up to ten minutes`,
  };
}

function figures(what: string, times: readonly number[]): Figure[] {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
  return [{ what: `${what}, p99`, measured: at(0.99), unit: 'ms', goal: 1000, note: `p50 ${at(0.5).toFixed(0)} ms, ${times.length} changes; the API server then confirmed each right` }];
}

async function inBatches(count: number, width: number, work: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i += width) await Promise.all(Array.from({ length: Math.min(width, count - i) }, (_, n) => work(i + n)));
}

/** Logins and rights in workload clusters, part of `npm run bench -- access`: one API server that is both clusters, the operator in this process. */
import type { KubeObject } from '../../provisioner/kube/index.ts';
import { fromKubeconfig, resources } from '../../provisioner/kube/index.ts';
import { namespace } from '../provisioner/operators/fleet.ts';
import { eventually } from '../provisioner/operators/surroundings.ts';
import { keelson } from '../provisioner/operators/access/keelson.ts';
import { ask, may, type Person, type Plane, startPlane, teamNamespace } from '../provisioner/operators/access/plane.ts';
import type { Figure } from './figures.ts';

const logins = 50;
const namespaces = 100;
const lostRoles = 50;

export async function accessLoginFigures(): Promise<Figure[]> {
  const plane = await startPlane();
  try {
    plane.startOperator();
    return [...(await loginTimes(plane)), ...(await lostRoleTimes(plane)), ...(await rightsTimes(plane))];
  } finally {
    await plane.stop();
  }
}

/** The command from its start to the kubeconfig, and to the first answer that the kubeconfig gets. */
async function loginTimes(plane: Plane): Promise<Figure[]> {
  const people = await Promise.all(Array.from({ length: Math.ceil(logins / 10) }, (_, i) => plane.person(`oidc:bench-${i}`, { role: 'keelson-organization-editor' })));
  // The roles of a person who is new take effect a moment later; nothing of the login is made before.
  await eventually(() => people[0]!.client.create(resources.clusterAccesses, ask('probe', { role: 'editor' }), { dryRun: true }));
  const first = await logIn(people[0]!);
  const times: { printed: number; used: number }[] = [];
  for (let i = 1; i < logins; i++) times.push(await logIn(people[i % people.length]!));
  const of = (key: 'printed' | 'used', share: number): number => quantile(times.map((time) => time[key]), share);
  return [
    { what: 'the first login to a workload cluster, with the signer made', measured: first.used, unit: 'ms', goal: 2000 },
    { what: 'login to a workload cluster by ClusterAccess, p50', measured: of('used', 0.5), unit: 'ms', goal: 2000, note: 'from the command to the first answer of the cluster' },
    { what: 'login to a workload cluster by ClusterAccess, p99', measured: of('used', 0.99), unit: 'ms', goal: 2000, note: `${times.length} logins one after the other; kubeconfig printed after ${Math.round(of('printed', 0.99))} ms` },
  ];
}

async function logIn(who: Person): Promise<{ printed: number; used: number }> {
  const started = performance.now();
  const { out } = await keelson(who, ['cluster', 'kubeconfig', 'demo', '-n', namespace]);
  const printed = performance.now() - started;
  const client = await fromKubeconfig(out);
  if (!(await may(client, 'create', 'pods', teamNamespace))) throw new Error('the login has not the right it was given');
  client.close();
  return { printed, used: performance.now() - started };
}

/** From the deletion of a RoleBinding to the moment when the login that hung on it may do nothing any more. The operator lets a quarter of a second pass, see role-doubts.ts. */
async function lostRoleTimes(plane: Plane): Promise<Figure[]> {
  const times: number[] = [];
  for (let i = 0; i < lostRoles; i++) {
    const who = await plane.person(`oidc:lost-${i}`, { role: 'keelson-organization-editor' });
    await eventually(() => who.client.create(resources.clusterAccesses, ask('probe', { role: 'editor' }), { dryRun: true }));
    const login = await fromKubeconfig((await keelson(who, ['cluster', 'kubeconfig', 'demo', '-n', namespace])).out);
    if (!(await may(login, 'create', 'pods', teamNamespace))) throw new Error('the login has not the right it was given');
    const started = performance.now();
    await plane.api.client.delete(resources.roleBindings, { namespace, name: `keelson-organization-editor-oidc-lost-${i}` });
    while (await may(login, 'create', 'pods', teamNamespace)) if (performance.now() - started > 30_000) throw new Error('the login has its rights after 30 s still');
    times.push(performance.now() - started);
    login.close();
  }
  return [{ what: 'a role that is lost to the end of the rights of an open login, p99', measured: quantile(times, 0.99), unit: 'ms', goal: 1000, note: `p50 ${quantile(times, 0.5).toFixed(0)} ms, ${times.length} one after the other` }];
}

/** From a namespace's creation to the moment when a subject of an AccessBinding has its right there. */
async function rightsTimes(plane: Plane): Promise<Figure[]> {
  const { client } = plane.api;
  await client.create<KubeObject>(resources.accessBindings, {
    apiVersion: 'keelson.dev/v1alpha1', kind: 'AccessBinding', metadata: { name: 'bench', namespace },
    spec: { subjects: [{ kind: 'User', name: 'oidc:somebody' }], role: 'editor', namespaceSelector: { matchLabels: { bench: 'yes' } } },
  });
  const somebody = await plane.person('oidc:somebody');
  const times: number[] = [];
  for (let i = 0; i < namespaces; i++) {
    const name = `bench-${i}`;
    const started = performance.now();
    await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { bench: 'yes' } } });
    while (!(await may(somebody.client, 'create', 'pods', name))) if (performance.now() - started > 30_000) throw new Error(`no right in ${name} after 30 s`);
    // The first one starts the watches of the cluster.
    if (i > 0) times.push(performance.now() - started);
  }
  const what = 'a namespace in a workload cluster to the rights of an AccessBinding in it';
  return [{ what: `${what}, p50`, measured: quantile(times, 0.5), unit: 'ms', goal: 1000 }, { what: `${what}, p99`, measured: quantile(times, 0.99), unit: 'ms', goal: 1000, note: `${times.length} namespaces one after the other` }];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

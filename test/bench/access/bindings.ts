/** An AccessBinding in several clusters with an API server each, and rights that are taken back, part of `npm run bench -- access`. The operator runs in this process. */
import { type KubeClient, type KubeObject, fromKubeconfig, resources } from '../../../provisioner/kube/index.ts';
import { type ApiServer, startApiServer } from '../../fixtures/api-server.ts';
import { keelson } from '../../provisioner/operators/access/keelson.ts';
import { ask, may, type Plane, startPlane, teamNamespace } from '../../provisioner/operators/access/plane.ts';
import { cluster, initialize, namespace } from '../../provisioner/operators/fleet.ts';
import { eventually } from '../../provisioner/operators/surroundings.ts';
import type { Figure } from '../figures.ts';

const clusters = 6;
const changes = 50;
const revocations = 50;
const patienceMs = 30_000;

export async function bindingFigures(): Promise<Figure[]> {
  // Each API server has two processes that end with this one, and a listener for each.
  process.setMaxListeners(64);
  const plane = await startPlane({ clusters: ['demo'] });
  const workloads: ApiServer[] = [];
  try {
    for (let i = 0; i < clusters; i++) workloads.push(await join(plane, `work-${i}`));
    plane.startOperator();
    return [...(await changed(plane, workloads.map(({ client }) => client))), ...(await revoked(plane))];
  } finally {
    await plane.stop();
    await Promise.all(workloads.map((api) => api.stop()));
  }
}

/** A cluster of its own, with the namespace of the team in it. */
async function join(plane: Plane, name: string): Promise<ApiServer> {
  const api = await startApiServer({ controllers: ['clusterrole-aggregation-controller'] });
  await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: teamNamespace } });
  const object = cluster(name);
  await plane.api.client.create(resources.clusters, { ...object, metadata: { ...object.metadata, labels: { bench: 'yes' } } });
  await initialize(plane.api, name, api.kubeconfig);
  return api;
}

/** From a subject's coming and going to the moment when the last of the clusters knows. */
async function changed({ api: { client } }: Plane, workloads: readonly KubeClient[]): Promise<Figure[]> {
  const subjects = (...names: readonly string[]): object[] => ['first', ...names].map((name) => ({ kind: 'User', name: `oidc:${name}` }));
  await client.create<KubeObject>(resources.accessBindings, {
    apiVersion: 'keelson.dev/v1alpha1', kind: 'AccessBinding', metadata: { name: 'many', namespace },
    spec: { subjects: subjects(), role: 'editor', clusters: { selector: { matchLabels: { bench: 'yes' } } }, namespaces: [teamNamespace] },
  });
  await untilAll(workloads, 'oidc:first', true);
  const set = (...names: readonly string[]) => client.patch(resources.accessBindings, { namespace, name: 'many' }, { type: 'merge', body: { spec: { subjects: subjects(...names) } } });
  const given: number[] = [];
  const taken: number[] = [];
  for (let i = 0; i < changes; i++) {
    for (const [times, names, isAllowed] of [[given, [`one-${i}`], true], [taken, [], false]] as const) {
      const started = performance.now();
      await set(...names);
      await untilAll(workloads, `oidc:one-${i}`, isAllowed);
      times.push(performance.now() - started);
    }
  }
  const note = (times: readonly number[]): string => `p50 ${quantile(times, 0.5).toFixed(0)} ms, ${times.length} changes one after the other; each cluster is asked by SubjectAccessReview`;
  return [
    { what: `a subject added to an AccessBinding of ${clusters} clusters to its right in the last of them, p99`, measured: quantile(given, 0.99), unit: 'ms', goal: 1000, note: note(given) },
    { what: `a subject taken out of an AccessBinding of ${clusters} clusters to the end of its right in the last of them, p99`, measured: quantile(taken, 0.99), unit: 'ms', goal: 1000, note: note(taken) },
  ];
}

const untilAll = (clients: readonly KubeClient[], user: string, isAllowed: boolean): Promise<unknown> => Promise.all(clients.map(async (client) => {
  const endsAt = performance.now() + patienceMs;
  while ((await mayCreatePods(client, user)) !== isAllowed) if (performance.now() > endsAt) throw new Error(`${user} is ${isAllowed ? 'not ' : ''}allowed after ${patienceMs} ms`);
}));

async function mayCreatePods(client: KubeClient, user: string): Promise<boolean> {
  const spec = { user, resourceAttributes: { verb: 'create', resource: 'pods', namespace: teamNamespace } };
  const { body } = await client.request({ method: 'POST', path: '/apis/authorization.k8s.io/v1/subjectaccessreviews', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }) });
  return (JSON.parse(body.toString()) as { status: { allowed: boolean } }).status.allowed;
}

/** From `kubectl delete clusteraccess` to the moment when its login may do nothing any more. */
async function revoked(plane: Plane): Promise<Figure[]> {
  const times: number[] = [];
  const people = await Promise.all(Array.from({ length: 5 }, (_, i) => plane.person(`oidc:revoked-${i}`, { role: 'keelson-organization-editor' })));
  await eventually(() => people[4]!.client.create(resources.clusterAccesses, ask('probe', { role: 'editor' }), { dryRun: true }));
  for (let i = 0; i < revocations; i++) {
    const who = people[i % people.length]!;
    const login = await fromKubeconfig((await keelson(who, ['cluster', 'kubeconfig', 'demo', '-n', namespace])).out);
    if (!(await may(login, 'create', 'pods', teamNamespace))) throw new Error('the login has not the right it was given');
    const { items } = await who.client.list<KubeObject & { spec: { requester: { username: string } } }>(resources.clusterAccesses, { namespace });
    const own = items.filter(({ spec }) => spec.requester.username === `oidc:revoked-${i % people.length}`);
    const started = performance.now();
    await Promise.all(own.map(({ metadata: { name } }) => who.client.delete(resources.clusterAccesses, { namespace, name })));
    while (await may(login, 'create', 'pods', teamNamespace)) if (performance.now() - started > patienceMs) throw new Error(`the login has its rights after ${patienceMs} ms still`);
    times.push(performance.now() - started);
    login.close();
  }
  return [{ what: 'a login that is taken back to the end of its rights, p99', measured: quantile(times, 0.99), unit: 'ms', goal: 1000, note: `p50 ${quantile(times, 0.5).toFixed(0)} ms, ${times.length} one after the other` }];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

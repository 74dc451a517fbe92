/** What each role may do with which kinds, in the two places where roles are bound. No wildcard: a new kind is nobody's until it is named. */
import type { RoleName } from './roles.ts';

/** An organization's namespace in the management cluster, or a namespace in one of its clusters. */
export type Place = 'organization' | 'workload';

export interface Right {
  readonly apiGroup: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const read = ['get', 'list', 'watch'] as const;
const change = ['create', 'update', 'patch', 'delete'] as const;
const write = [...read, ...change] as const;

/** Kinds that come in the same rights: by API group. */
type Kinds = Readonly<Record<string, readonly string[]>>;

/** What everybody sees in a namespace of a cluster; no Secret. */
const seenInWorkload: Kinds = {
  '': ['configmaps', 'endpoints', 'events', 'limitranges', 'persistentvolumeclaims', 'pods', 'pods/log', 'pods/status', 'replicationcontrollers', 'resourcequotas', 'serviceaccounts', 'services'],
  apps: ['controllerrevisions', 'daemonsets', 'deployments', 'deployments/scale', 'replicasets', 'statefulsets', 'statefulsets/scale'],
  autoscaling: ['horizontalpodautoscalers'],
  batch: ['cronjobs', 'jobs'],
  'discovery.k8s.io': ['endpointslices'],
  'events.k8s.io': ['events'],
  'metrics.k8s.io': ['pods'],
  'networking.k8s.io': ['ingresses', 'networkpolicies'],
  policy: ['poddisruptionbudgets'],
  'snapshot.storage.k8s.io': ['volumesnapshots'],
};

/** What a team runs. LimitRanges and quotas are the platform's, events the cluster's. */
const runInWorkload: Kinds = {
  '': ['configmaps', 'persistentvolumeclaims', 'pods', 'serviceaccounts', 'services'],
  apps: ['daemonsets', 'deployments', 'deployments/scale', 'statefulsets', 'statefulsets/scale'],
  autoscaling: ['horizontalpodautoscalers'],
  batch: ['cronjobs', 'jobs'],
  'networking.k8s.io': ['ingresses', 'networkpolicies'],
  policy: ['poddisruptionbudgets'],
  'snapshot.storage.k8s.io': ['volumesnapshots'],
};

/** Raw machines, templates and OpenStack objects are seen, and written by nobody: the only door is Cluster. */
const seenInOrganization: Kinds = {
  '': ['configmaps', 'events', 'resourcequotas', 'serviceaccounts'],
  'bootstrap.cluster.x-k8s.io': ['kubeadmconfigs'],
  'cluster.x-k8s.io': ['clusters', 'machinedeployments', 'machinehealthchecks', 'machinepools', 'machines', 'machinesets'],
  'controlplane.cluster.x-k8s.io': ['kubeadmcontrolplanes'],
  'events.k8s.io': ['events'],
  'infrastructure.cluster.x-k8s.io': ['openstackclusters', 'openstackmachines', 'openstackservers'],
  'keelson.dev': ['apps'],
};

const runInOrganization: Kinds = { '': ['configmaps'], 'cluster.x-k8s.io': ['clusters'], 'keelson.dev': ['apps'] };

const grantable: Kinds = { 'rbac.authorization.k8s.io': ['roles', 'rolebindings'] };

/** Rights of a role, sorted by API group. */
export function rightsOf(role: RoleName, place: Place): Right[] {
  const [seen, run] = place === 'workload' ? [seenInWorkload, runInWorkload] : [seenInOrganization, runInOrganization];
  const rights: Right[] = rightsTo(seen, read);
  if (role === 'reader') return sorted(rights);
  rights.push(...rightsTo(run, change));
  // Automation brings Secrets along and reads none back: no patch, whose answer is the whole object. (In a cluster it can still run a pod that mounts one.)
  rights.push({ apiGroup: '', resources: ['secrets'], verbs: role === 'automation' ? ['create', 'update', 'delete'] : write });
  if (role === 'automation') return sorted(rights);
  if (place === 'workload') rights.push({ apiGroup: '', resources: ['pods/attach', 'pods/exec', 'pods/portforward'], verbs: ['get', 'create'] }, { apiGroup: '', resources: ['pods/eviction'], verbs: ['create'] });
  // The API server lets nobody write a role or binding with rights of which they do not have each one (RBAC escalation prevention).
  if (role === 'admin') rights.push(...rightsTo(grantable, write));
  return sorted(rights);
}

const rightsTo = (kinds: Kinds, verbs: readonly string[]): Right[] => Object.entries(kinds).map(([apiGroup, resources]) => ({ apiGroup, resources, verbs }));
const sorted = (rights: readonly Right[]): Right[] => rights.toSorted((a, b) => (a.apiGroup < b.apiGroup ? -1 : a.apiGroup > b.apiGroup ? 1 : 0));

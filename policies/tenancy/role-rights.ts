/** What each role may do with which kinds, in the two places where roles are bound. No wildcard: a new kind is nobody's until it is named. */
import type { RoleName } from './roles.ts';

/** An organization's namespace in the management cluster, or a namespace in one of its clusters. */
export type Place = 'organization' | 'workload';

export interface Right {
  readonly apiGroup: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** The only objects the right is for. */
  readonly resourceNames?: readonly string[];
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

/** Raw machines, templates and OpenStack objects are seen, and written by nobody: the only door is Cluster. Not KubeadmConfigs: join tokens stand in them. */
const seenInOrganization: Kinds = {
  '': ['configmaps', 'events', 'resourcequotas', 'serviceaccounts'],
  'cluster.x-k8s.io': ['clusters', 'machinedeployments', 'machinehealthchecks', 'machinepools', 'machines', 'machinesets'],
  'controlplane.cluster.x-k8s.io': ['kubeadmcontrolplanes'],
  'events.k8s.io': ['events'],
  'infrastructure.cluster.x-k8s.io': ['openstackclusters', 'openstackmachines', 'openstackservers'],
  'keelson.dev': ['apps', 'catalogs', 'maintenancewindows', 'silences'],
  'rbac.authorization.k8s.io': ['rolebindings', 'roles'],
};

const runInOrganization: Kinds = { '': ['configmaps'], 'cluster.x-k8s.io': ['clusters'], 'keelson.dev': ['apps', 'catalogs', 'maintenancewindows', 'silences'] };

/** Who else may do what. The API server lets nobody write a role or binding with rights of which they do not have each one (RBAC escalation prevention). */
const grantable: Kinds = { 'rbac.authorization.k8s.io': ['roles', 'rolebindings'] };

/** The service account for pipelines in every organization's namespace. */
export const automationAccount = 'automation';

/** Rights of a role, sorted by API group. */
export function rightsOf(role: RoleName, place: Place): Right[] {
  return sorted(place === 'workload' ? inWorkload(role) : inOrganization(role));
}

function inWorkload(role: RoleName): Right[] {
  const seen = rightsTo(seenInWorkload, read);
  if (role === 'reader') return seen;
  const run = [...seen, ...rightsTo(runInWorkload, change)];
  // Automation brings Secrets along and reads none back: no patch, whose answer is the whole object. (It can still run a pod that mounts one.)
  if (role === 'automation') return [...run, secrets('create', 'update', 'delete')];
  const work = [...run, secrets(...write), { apiGroup: '', resources: ['pods/attach', 'pods/exec', 'pods/portforward'], verbs: ['get', 'create'] }, { apiGroup: '', resources: ['pods/eviction'], verbs: ['create'] }];
  return role === 'admin' ? [...work, ...rightsTo(grantable, write)] : work;
}

/** Nobody reads a Secret here: the keys of every cluster's CA stand beside its Cluster. Logging in is a ClusterAccess. */
function inOrganization(role: RoleName): Right[] {
  const seen = rightsTo(seenInOrganization, read);
  if (role === 'reader') return seen;
  const run = [...seen, ...rightsTo(runInOrganization, change), secrets('create', 'update', 'delete')];
  if (role !== 'admin') return run;
  return [...run, ...rightsTo(grantable, change), { apiGroup: '', resources: ['serviceaccounts/token'], resourceNames: [automationAccount], verbs: ['create'] }];
}

const secrets = (...verbs: string[]): Right => ({ apiGroup: '', resources: ['secrets'], verbs });
const rightsTo = (kinds: Kinds, verbs: readonly string[]): Right[] => Object.entries(kinds).map(([apiGroup, resources]) => ({ apiGroup, resources, verbs }));
const sorted = (rights: readonly Right[]): Right[] => rights.toSorted((a, b) => (a.apiGroup < b.apiGroup ? -1 : a.apiGroup > b.apiGroup ? 1 : 0));

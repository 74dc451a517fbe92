/** A workload cluster for somebody with a role in some of its namespaces: what they must not reach, and what would act for them there. */
import type { RoleName } from '../../../../policies/tenancy/roles.ts';
import { admissionSteps, attempt } from '../organization/chains/attempt.ts';
import { each, goal, type Goal, ofEveryCluster, read, request, write } from '../organization/chains/goals.ts';
import type { Step } from '../organization/chains/steps.ts';
import type { Terrain } from '../organization/chains/terrain.ts';

const rbac = 'rbac.authorization.k8s.io';
const platform = ['kube-system', 'kube-public', 'keelson-system'];

export interface Reach {
  readonly role: RoleName;
  /** Namespaces the role holds in. */
  readonly own: readonly string[];
  /** Namespaces of other teams. */
  readonly others: readonly string[];
}

export function workloadTerrain({ role, own, others }: Reach): Terrain {
  const namespaces = [...own, ...others, ...platform];
  return {
    namespaces, goals: goalsOf(role, own, [...others, ...platform]), deputies: [...namespaces.flatMap(inNamespace), ...admissionSteps(), ...fleetWide()], aggregationLabel: 'keelson.dev/aggregate-to-reader',
    // Automation reads no Secret, and runs pods, which mount them: policies/tenancy says so.
    pods: role === 'reader' ? [] : own,
  };
}

function goalsOf(role: RoleName, own: readonly string[], elsewhere: readonly string[]): Goal[] {
  const readsNone = role === 'reader' || role === 'automation';
  return [
    ...(readsNone ? own : []).flatMap((namespace) => goal(`reads Secrets of ${namespace}`, ...each([...read, 'patch'], (verb) => request(verb, '', 'secrets', { namespace })))),
    ...(role === 'reader' ? own : []).flatMap((namespace) => goal('changes what it may see', ...[['', 'pods'], ['apps', 'deployments'], ['', 'configmaps']].flatMap(([group = '', resource = '']) => each(write, (verb) => request(verb, group, resource, { namespace }))))),
    ...elsewhere.flatMap((namespace) => goal(`reads Secrets of ${namespace}`, ...each([...read, 'patch'], (verb) => request(verb, '', 'secrets', { namespace })))),
    ...elsewhere.flatMap((namespace) => goal(`reaches ${namespace}`, ...[['', 'pods'], ['', 'configmaps'], ['', 'services'], ['', 'serviceaccounts'], ['apps', 'deployments'], ['apps', 'daemonsets'], [rbac, 'roles'], [rbac, 'rolebindings']]
      .flatMap(([group = '', resource = '']) => each([...read.filter(() => namespace !== 'kube-public'), ...write], (verb) => request(verb, group, resource, { namespace }))), request('create', '', 'pods', { namespace, subresource: 'exec' }))),
    ...goal('sees Secrets of all', ...each(read, (verb) => request(verb, '', 'secrets'))),
    ...own.flatMap((namespace) => goal('escalates', ...['roles', 'clusterroles'].flatMap((resource) => each(['escalate', 'bind'], (verb) => request(verb, rbac, resource, { namespace }))))),
    ...goal('escalates', ...each(write, (verb) => request(verb, rbac, 'clusterrolebindings')), ...each(write, (verb) => request(verb, rbac, 'clusterroles'))),
    ...goal('becomes somebody else', ...['users', 'groups', 'serviceaccounts', 'uids'].map((resource) => request('impersonate', '', resource)), ...own.map((namespace) => request('impersonate', '', 'serviceaccounts', { namespace }))),
    ...ofEveryCluster,
    ...goal('asks for certificates', request('create', 'certificates.k8s.io', 'certificatesigningrequests')),
    ...own.flatMap((namespace) => goal('changes namespaces and bounds', ...each(['update', 'patch', 'delete'], (verb) => request(verb, '', 'namespaces', { namespace, name: namespace })), ...['resourcequotas', 'limitranges'].flatMap((resource) => each(write, (verb) => request(verb, '', resource, { namespace }))))),
    ...goal('changes namespaces and bounds', ...each(write, (verb) => request(verb, '', 'namespaces'))),
  ];
}

const container = { name: 'c', image: 'x' };
/** What Pod Security at the level baseline does not admit: a pod that has its node. */
const withNode: readonly (readonly [string, object])[] = [
  ['privileged', { containers: [{ ...container, securityContext: { privileged: true } }] }],
  ['with the files of its node', { containers: [container], volumes: [{ name: 'root', hostPath: { path: '/' } }] }],
  ['in the network of its node', { containers: [container], hostNetwork: true }],
  ['among the processes of its node', { containers: [container], hostPID: true }],
  ['with a port of its node', { containers: [{ ...container, ports: [{ containerPort: 80, hostPort: 80 }] }] }],
  ['that may do what root may', { containers: [{ ...container, securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }] }],
];

function inNamespace(namespace: string): Step[] {
  const own = (what: string, goal: string, kind: string, plural: string, object: object, apiGroup = ''): Step => attempt({ what: `${kind} ${what}`, goal, apiGroup, kind, plural, namespace, object });
  return [
    ...withNode.map(([what, spec]) => own(what, 'has the node', 'Pod', 'pods', { spec })),
    own('at an address of others', 'takes traffic of others', 'Service', 'services', { spec: { ports: [{ port: 443 }], externalIPs: ['192.0.2.1'] } }),
    own('of ones own', 'takes traffic of others', 'Endpoints', 'endpoints', { subsets: [] }),
    own('of ones own', 'takes traffic of others', 'EndpointSlice', 'endpointslices', { addressType: 'IPv4', endpoints: [], ports: [] }, 'discovery.k8s.io'),
  ];
}

function fleetWide(): Step[] {
  return [
    attempt({ what: 'Namespace without Pod Security', goal: 'has the node', apiGroup: '', kind: 'Namespace', plural: 'namespaces', object: { metadata: { name: 'chain-step', labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } } }),
    attempt({ what: 'PersistentVolume with the files of a node', goal: 'has the node', apiGroup: '', kind: 'PersistentVolume', plural: 'persistentvolumes', object: { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/' } } } }),
  ];
}

/** Objects on which somebody mightier acts: Cluster API, our operator, Kubernetes. Written by a tenant they would lend it their rights, if they were admitted. */
import { clusterOf } from '../objects.ts';
import { foreignKinds } from '../management.ts';
import { admissionSteps, attempt } from './attempt.ts';
import type { Step } from './steps.ts';

/** A member's own namespace, another organization's, the system's. */
export const namespaces = ['org-acme', 'org-other', 'keelson-system', 'kube-system', 'default'] as const;
const keelson = 'keelson.dev';
const capi = 'cluster.x-k8s.io';

export const deputySteps = (): Step[] => [...namespaces.flatMap((namespace) => [...clusters(namespace), ...secrets(namespace), ...others(namespace)]), ...rawKinds(), ...fleetWide()];

function clusters(namespace: string): Step[] {
  const good = clusterOf('chain-step', namespace);
  const { topology } = good.spec;
  const given = (name: string, value: object): object => ({ ...good.spec, topology: { ...topology, variables: [...topology.variables, { name, value }] } });
  const cluster = (what: string, goal: string, object: object): Step => attempt({ what: `Cluster ${what}`, goal, apiGroup: capi, version: 'v1beta2', kind: 'Cluster', plural: 'clusters', namespace, object: { metadata: good.metadata, ...object } });
  const foreign = 'uses what is not the organization\'s';
  return [
    ...(namespace === 'org-acme' ? [] : [cluster('of ones own', 'reaches another organization', { spec: good.spec })]),
    cluster('with a Secret that is no identity', foreign, { spec: given('cloud', { identity: { name: 'theirs' } }) }),
    cluster('with a ClusterIdentity of others', foreign, { spec: given('cloud', { identity: { type: 'ClusterIdentity', name: 'cloud' } }) }),
    cluster('of a class of ones own', 'decides what machines run', { spec: { ...good.spec, topology: { ...topology, classRef: { name: 'openstack-v1', namespace } } } }),
    cluster('that points to infrastructure of others', foreign, { spec: { ...good.spec, infrastructureRef: { apiGroup: `infrastructure.${capi}`, kind: 'OpenStackCluster', name: 'theirs' } } }),
    cluster('without topology', 'makes machines past the door', { spec: { controlPlaneRef: { apiGroup: `controlplane.${capi}`, kind: 'KubeadmControlPlane', name: 'mine' } } }),
    cluster('of another organization by its label', 'counts as another organization\'s', { metadata: { ...good.metadata, labels: { 'keelson.dev/organization': 'other' } }, spec: good.spec }),
    cluster('with a verdict of ones own', 'passes preflight unasked', { metadata: { ...good.metadata, annotations: { 'keelson.dev/preflight': '{}' } }, spec: good.spec }),
  ];
}

/** Cluster API and our operator find keys, kubeconfigs and credentials by name, type and label. */
function secrets(namespace: string): Step[] {
  const secret = (name: string, object: object = {}): Step => attempt({ what: `Secret ${name}`, goal: 'puts a key or a kubeconfig of its own under a cluster', apiGroup: '', kind: 'Secret', plural: 'secrets', namespace, object: { metadata: { name }, ...object } });
  return [
    ...['ca', 'etcd', 'proxy', 'sa', 'kubeconfig', 'apiserver-etcd-client', 'encryption', 'cloud-credential'].map((suffix) => secret(`step-${suffix}`)),
    secret('cloud', { stringData: { 'clouds.yaml': 'clouds: {}' } }), secret('typed', { type: 'cluster.x-k8s.io/secret' }), secret('keelson-access-step'), secret('login', { type: 'keelson.dev/cluster-access' }), secret('token', { type: 'kubernetes.io/service-account-token', metadata: { name: 'token', annotations: { 'kubernetes.io/service-account.name': 'automation' } } }),
    {
      what: `deletion that answers with the Secret in ${namespace}`, needs: [{ verb: 'delete', apiGroup: '', resource: 'secrets', namespace, name: 'cloud' }], leads: { kind: 'goal', what: `reads Secrets of ${namespace}` },
      writes: { method: 'DELETE', path: `/api/v1/namespaces/${namespace}/secrets/cloud`, body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground', dryRun: ['All'] } },
    },
  ];
}

function others(namespace: string): Step[] {
  const own = (kind: string, plural: string, what: string, goal: string, spec: object): Step => attempt({ what: `${kind} ${what}`, goal, apiGroup: keelson, version: 'v1alpha1', kind, plural, namespace, object: { spec } });
  const access = (what: string, goal: string, spec: object): Step => own('ClusterAccess', 'clusteraccesses', what, goal, { cluster: 'fine', ttl: '1h', ...spec });
  const binding = (what: string, goal: string, spec: object): Step => own('AccessBinding', 'accessbindings', what, goal, { subjects: [{ kind: 'User', name: 'oidc:me' }], clusters: { names: ['fine'] }, ...spec });
  const wide = 'is cluster-admin of a cluster';
  return [
    access('as cluster-admin', wide, { role: 'cluster-admin', clusterWide: true, reason: 'because I can' }), access('as admin in the platform', wide, { role: 'admin', namespaces: ['kube-system'] }), access('as editor of the whole cluster', wide, { role: 'editor', clusterWide: true }),
    access('in a group of Kubernetes', 'is in system:masters', { groups: ['system:masters'] }), access('in a login of others', 'has the login of others', { groups: ['keelson:access:0'] }), access('in a group of others', 'is in a group of others', { groups: ['oidc:other-admin'] }),
    binding('of cluster-admin', wide, { role: 'cluster-admin', clusterWide: true }), binding('of admin in the platform', wide, { role: 'admin', namespaces: ['keelson-system'] }), binding('of editor in the whole cluster', wide, { role: 'editor', clusterWide: true }), binding('for Kubernetes itself', 'gives to everybody', { role: 'reader', subjects: [{ kind: 'Group', name: 'system:authenticated' }] }),
    own('App', 'apps', 'for the management cluster', 'is the owner of the management cluster', { target: 'Management', chart: 'metrics-server', namespace: 'kube-system' }),
    attempt({ what: 'ConfigMap that says where a cluster is', goal: 'takes tokens of others', apiGroup: '', kind: 'ConfigMap', plural: 'configmaps', namespace, object: { metadata: { name: 'fine-connection', labels: { 'keelson.dev/access': 'connection' } } } }),
    attempt({ what: 'EndpointSlice', goal: 'takes traffic of others', apiGroup: 'discovery.k8s.io', kind: 'EndpointSlice', plural: 'endpointslices', namespace, object: { addressType: 'IPv4', endpoints: [], ports: [] } }),
    attempt({ what: 'ServiceAccount', goal: 'takes a name that is bound already', apiGroup: '', kind: 'ServiceAccount', plural: 'serviceaccounts', namespace, object: {} }),
  ];
}

const rawKinds = (): Step[] => namespaces.flatMap((namespace) => foreignKinds.map(({ group, version, plural, kind }) => attempt({ what: kind, goal: 'makes machines past the door', apiGroup: group, version, kind, plural, namespace, object: { spec: {} } })));

function fleetWide(): Step[] {
  return [
    ...admissionSteps(),
    attempt({ what: 'Organization', goal: 'makes itself a member', apiGroup: keelson, version: 'v1alpha1', kind: 'Organization', plural: 'organizations', object: { spec: { members: [] } } }),
    attempt({ what: 'Namespace', goal: 'makes a namespace of another organization', apiGroup: '', kind: 'Namespace', plural: 'namespaces', object: { metadata: { name: 'org-step', labels: { 'keelson.dev/organization': 'step' } } } }),
  ];
}

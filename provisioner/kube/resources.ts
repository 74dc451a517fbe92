/**
 * The kinds we talk to, as the API server names them. Versions are those of Kubernetes 1.36, Cluster API 1.12
 * (v1beta2), Cluster API Provider OpenStack 0.14 (v1beta1, OpenStackServer v1alpha1) and prometheus-operator 0.8x.
 */
import { KubeError } from './errors.ts';
import type { Resource } from './types.ts';

export const resources = {
  configMaps: core('configmaps', 'ConfigMap'),
  endpoints: core('endpoints', 'Endpoints'),
  namespaces: clusterWide(core('namespaces', 'Namespace')),
  limitRanges: core('limitranges', 'LimitRange'),
  resourceQuotas: core('resourcequotas', 'ResourceQuota'),
  nodes: clusterWide(core('nodes', 'Node')),
  persistentVolumes: clusterWide(core('persistentvolumes', 'PersistentVolume')),
  persistentVolumeClaims: core('persistentvolumeclaims', 'PersistentVolumeClaim'),
  pods: core('pods', 'Pod'),
  secrets: core('secrets', 'Secret'),
  serviceAccounts: core('serviceaccounts', 'ServiceAccount'),
  services: core('services', 'Service'),
  coreEvents: core('events', 'Event'),
  events: of('events.k8s.io', 'v1', 'events', 'Event'),

  daemonSets: of('apps', 'v1', 'daemonsets', 'DaemonSet'),
  deployments: of('apps', 'v1', 'deployments', 'Deployment'),
  replicaSets: of('apps', 'v1', 'replicasets', 'ReplicaSet'),
  statefulSets: of('apps', 'v1', 'statefulsets', 'StatefulSet'),
  jobs: of('batch', 'v1', 'jobs', 'Job'),
  leases: of('coordination.k8s.io', 'v1', 'leases', 'Lease'),
  endpointSlices: of('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice'),
  networkPolicies: of('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy'),

  roles: of('rbac.authorization.k8s.io', 'v1', 'roles', 'Role'),
  roleBindings: of('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding'),
  clusterRoles: clusterWide(of('rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole')),
  clusterRoleBindings: clusterWide(of('rbac.authorization.k8s.io', 'v1', 'clusterrolebindings', 'ClusterRoleBinding')),

  customResourceDefinitions: clusterWide(of('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition')),
  apiServices: clusterWide(of('apiregistration.k8s.io', 'v1', 'apiservices', 'APIService')),
  mutatingWebhookConfigurations: clusterWide(of('admissionregistration.k8s.io', 'v1', 'mutatingwebhookconfigurations', 'MutatingWebhookConfiguration')),
  validatingWebhookConfigurations: clusterWide(of('admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations', 'ValidatingWebhookConfiguration')),

  certificateSigningRequests: clusterWide(of('certificates.k8s.io', 'v1', 'certificatesigningrequests', 'CertificateSigningRequest')),

  certificates: of('cert-manager.io', 'v1', 'certificates', 'Certificate'),
  issuers: of('cert-manager.io', 'v1', 'issuers', 'Issuer'),
  clusterIssuers: clusterWide(of('cert-manager.io', 'v1', 'clusterissuers', 'ClusterIssuer')),

  clusters: of('cluster.x-k8s.io', 'v1beta2', 'clusters', 'Cluster'),
  clusterClasses: of('cluster.x-k8s.io', 'v1beta2', 'clusterclasses', 'ClusterClass'),
  machines: of('cluster.x-k8s.io', 'v1beta2', 'machines', 'Machine'),
  machineSets: of('cluster.x-k8s.io', 'v1beta2', 'machinesets', 'MachineSet'),
  machineHealthChecks: of('cluster.x-k8s.io', 'v1beta2', 'machinehealthchecks', 'MachineHealthCheck'),
  machineDeployments: of('cluster.x-k8s.io', 'v1beta2', 'machinedeployments', 'MachineDeployment'),
  kubeadmControlPlanes: of('controlplane.cluster.x-k8s.io', 'v1beta2', 'kubeadmcontrolplanes', 'KubeadmControlPlane'),
  kubeadmControlPlaneTemplates: of('controlplane.cluster.x-k8s.io', 'v1beta2', 'kubeadmcontrolplanetemplates', 'KubeadmControlPlaneTemplate'),
  kubeadmConfigs: of('bootstrap.cluster.x-k8s.io', 'v1beta2', 'kubeadmconfigs', 'KubeadmConfig'),
  kubeadmConfigTemplates: of('bootstrap.cluster.x-k8s.io', 'v1beta2', 'kubeadmconfigtemplates', 'KubeadmConfigTemplate'),
  extensionConfigs: clusterWide(of('runtime.cluster.x-k8s.io', 'v1beta2', 'extensionconfigs', 'ExtensionConfig')),

  openStackClusters: of('infrastructure.cluster.x-k8s.io', 'v1beta1', 'openstackclusters', 'OpenStackCluster'),
  openStackClusterTemplates: of('infrastructure.cluster.x-k8s.io', 'v1beta1', 'openstackclustertemplates', 'OpenStackClusterTemplate'),
  openStackMachines: of('infrastructure.cluster.x-k8s.io', 'v1beta1', 'openstackmachines', 'OpenStackMachine'),
  openStackMachineTemplates: of('infrastructure.cluster.x-k8s.io', 'v1beta1', 'openstackmachinetemplates', 'OpenStackMachineTemplate'),
  openStackServers: of('infrastructure.cluster.x-k8s.io', 'v1alpha1', 'openstackservers', 'OpenStackServer'),

  serviceMonitors: of('monitoring.coreos.com', 'v1', 'servicemonitors', 'ServiceMonitor'),
  prometheuses: of('monitoring.coreos.com', 'v1', 'prometheuses', 'Prometheus'),
  alertmanagers: of('monitoring.coreos.com', 'v1', 'alertmanagers', 'Alertmanager'),
  prometheusRules: of('monitoring.coreos.com', 'v1', 'prometheusrules', 'PrometheusRule'),
  scrapeConfigs: of('monitoring.coreos.com', 'v1alpha1', 'scrapeconfigs', 'ScrapeConfig'),
  alertmanagerConfigs: of('monitoring.coreos.com', 'v1alpha1', 'alertmanagerconfigs', 'AlertmanagerConfig'),

  organizations: clusterWide(of('keelson.dev', 'v1alpha1', 'organizations', 'Organization')),
  apps: of('keelson.dev', 'v1alpha1', 'apps', 'App'),
  catalogs: of('keelson.dev', 'v1alpha1', 'catalogs', 'Catalog'),
  clusterAccesses: of('keelson.dev', 'v1alpha1', 'clusteraccesses', 'ClusterAccess'),
  accessBindings: of('keelson.dev', 'v1alpha1', 'accessbindings', 'AccessBinding'),
  silences: of('keelson.dev', 'v1alpha1', 'silences', 'Silence'),
  maintenanceWindows: of('keelson.dev', 'v1alpha1', 'maintenancewindows', 'MaintenanceWindow'),
  clusterBundles: of('keelson.dev', 'v1alpha1', 'clusterbundles', 'ClusterBundle'),
} as const satisfies Record<string, Resource>;

/** "apps/v1", or "v1" for the core group. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/**
 * The path of a resource's collection, or of one object in it. Every part is escaped: names of RBAC objects may hold
 * ":" and capitals. Throws KUBE_INVALID for an object of a namespaced kind without a namespace: that path is a 404, which
 * would read as "there is none".
 */
export function pathOf(resource: Resource, at: { namespace?: string | undefined; name?: string | undefined; subresource?: string | undefined } = {}): string {
  if (resource.namespaced && at.name && !at.namespace) {
    throw new KubeError('KUBE_INVALID', `${resource.kind} ${at.name}: the kind is namespaced and no namespace is given; set metadata.namespace`);
  }
  const parts = resource.group === '' ? ['api', resource.version] : ['apis', resource.group, resource.version];
  if (resource.namespaced && at.namespace) parts.push('namespaces', at.namespace);
  parts.push(resource.plural);
  if (at.name) parts.push(at.name);
  if (at.subresource) parts.push(at.subresource);
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('');
}

function of(group: string, version: string, plural: string, kind: string): Resource {
  return { group, version, plural, kind, namespaced: true };
}

function core(plural: string, kind: string): Resource {
  return of('', 'v1', plural, kind);
}

function clusterWide(resource: Resource): Resource {
  return { ...resource, namespaced: false };
}

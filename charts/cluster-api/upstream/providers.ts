/** The four managers, as upstream's kustomizations name them. */
import type { ModulePath } from '../../render/upstream/versions.ts';

export interface Provider {
  /** Key in the chart's values. */
  readonly key: 'core' | 'bootstrap' | 'controlPlane' | 'infrastructure';
  /** Value of the label cluster.x-k8s.io/provider. */
  readonly label: string;
  /** Before every name, as kustomize's namePrefix. */
  readonly prefix: string;
  readonly module: ModulePath;
  /** Folder of the module that holds config/. */
  readonly folder: string;
  readonly image: string;
  /** A label that aggregates other ClusterRoles into the manager's; upstream adds it by a kustomize patch. */
  readonly aggregationLabel?: string;
}

export const providers: readonly Provider[] = [
  {
    key: 'core',
    label: 'cluster-api',
    prefix: 'capi-',
    module: 'sigs.k8s.io/cluster-api',
    folder: 'core',
    image: 'cluster-api/cluster-api-controller',
    aggregationLabel: 'cluster.x-k8s.io/aggregate-to-manager',
  },
  {
    key: 'bootstrap',
    label: 'bootstrap-kubeadm',
    prefix: 'capi-kubeadm-bootstrap-',
    module: 'sigs.k8s.io/cluster-api',
    folder: 'bootstrap/kubeadm',
    image: 'cluster-api/kubeadm-bootstrap-controller',
  },
  {
    key: 'controlPlane',
    label: 'control-plane-kubeadm',
    prefix: 'capi-kubeadm-control-plane-',
    module: 'sigs.k8s.io/cluster-api',
    folder: 'controlplane/kubeadm',
    image: 'cluster-api/kubeadm-control-plane-controller',
    aggregationLabel: 'kubeadm.controlplane.cluster.x-k8s.io/aggregate-to-manager',
  },
  {
    key: 'infrastructure',
    label: 'infrastructure-openstack',
    prefix: 'capo-',
    module: 'sigs.k8s.io/cluster-api-provider-openstack',
    folder: '.',
    image: 'capi-openstack/capi-openstack-controller',
  },
];

/** Names that several objects of one provider share. */
export const serviceName = (provider: Provider): string => `${provider.prefix}webhook-service`;
export const certificateSecret = (provider: Provider): string => `${provider.prefix}webhook-service-cert`;
export const providerLabels = (provider: Provider): Record<string, string> => ({ 'cluster.x-k8s.io/provider': provider.label });

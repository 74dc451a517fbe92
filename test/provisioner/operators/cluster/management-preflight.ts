/** What preflight says of a management cluster that has the kinds of Cluster API and next to nothing else. */
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { managementPreflight } from '../../../../provisioner/preflight/management.ts';
import type { ApiServer } from '../../../fixtures/api-server.ts';
import { eventually } from '../surroundings.ts';

/** @param theirs the API server, once it has started */
export function managementPreflightCase(theirs: () => ApiServer): void {
  it('runs in a management cluster of which preflight says what it lacks', async () => {
    const check = async (): Promise<string[]> => (await managementPreflight(theirs().client, AbortSignal.timeout(30_000))).map(({ rule, object, message }) => `${rule} ${object.name}: ${message}`);
    const deployment = (name: string, where: string, args: string[], { image = 'x', ...labels }: { image?: string; [label: string]: string | undefined } = {}): KubeObject => ({
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: where, labels: { app: name, ...labels } },
      spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'manager', image, args }] } } },
    }) as KubeObject;
    await theirs().client.create(resources.deployments, deployment('core', 'default', ['--feature-gates=RuntimeSDK=true'], { 'cluster.x-k8s.io/provider': 'cluster-api', image: 'registry.example:5000/cluster-api/cluster-api-controller:v1.13.4' }));
    await theirs().client.create(resources.deployments, deployment('bootstrap', 'default', ['--feature-gates=MachinePool=true,KubeadmBootstrapFormatIgnition=false'], { 'cluster.x-k8s.io/provider': 'bootstrap-kubeadm', image: 'registry.example:5000/kubeadm-bootstrap-controller:v1.14.2@sha256:1234' }));
    await theirs().client.create(resources.deployments, deployment('capo', 'default', [], { 'cluster.x-k8s.io/provider': 'infrastructure-openstack', image: 'registry.example:5000/capo@sha256:1234' }));
    await theirs().client.create(resources.deployments, deployment('keelson-operator', 'keelson-system', []));
    await theirs().client.create(resources.validatingWebhookConfigurations, {
      apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'capi', labels: { 'cluster.x-k8s.io/provider': 'cluster-api' } },
      webhooks: [{ name: 'validation.example.org', clientConfig: { service: { namespace: 'default', name: 'webhook' } }, admissionReviewVersions: ['v1'], sideEffects: 'None', rules: [] }],
    } as KubeObject);
    const found = await check();
    expect(found).toEqual(expect.arrayContaining([
      'management/gate core: runs without the feature gate ClusterTopology', 'management/gate control-plane-kubeadm: no Deployment has the label cluster.x-k8s.io/provider=control-plane-kubeadm',
      'management/version core: is Cluster API v1.13.4; this Keelson is made for 1.14', 'management/version capo: its image registry.example:5000/capo@sha256:1234 does not say which version it is; CAPO 0.14 is needed',
      'management/gate bootstrap: runs without the feature gate KubeadmBootstrapFormatIgnition: clusters with os.format ignition are refused',
      'management/kind extensionconfigs.runtime.cluster.x-k8s.io: the kind ExtensionConfig is not there',
      expect.stringMatching(/^management\/contract openstackclusters\S+: lacks the label cluster\.x-k8s\.io\/v1beta1/),
      'management/workload keelson-operator: has no ready pod', 'management/workload keelson-topology-extension: is not there',
      'management/webhook capi: has no CA: the API server will not call it', expect.stringMatching(/^management\/webhook capi: no pod stands behind Service default\/webhook/),
      expect.stringMatching(/^management\/right keelson-operator: may not get clusters\.cluster\.x-k8s\.io, /),
    ]));
    expect(found.filter((line) => /gate core.*RuntimeSDK|version bootstrap|gate capo|kind clusters\.|kubernetes/.test(line))).toEqual([]);
    await theirs().client.create(resources.clusterRoleBindings, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'all' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' }, subjects: [{ kind: 'ServiceAccount', name: 'keelson-operator', namespace: 'keelson-system' }] } as KubeObject);
    await eventually(async () => !(await check()).some((line) => line.startsWith('management/right')));
  }, 30_000);
}

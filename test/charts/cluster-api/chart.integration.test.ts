import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { versions } from '../../../charts/render/upstream/versions.ts';
import { chartPath, helm, template, type Manifest } from '../../fixtures/helm.ts';
import { describeWith } from '../../fixtures/needs.ts';

interface Webhook {
  clientConfig: { service: { name: string; namespace: string } };
}

describeWith({ tools: ['helm'] }, 'the chart cluster-api', () => {
  let manifests: Manifest[];
  const of = (kind: string): Manifest[] => manifests.filter((manifest) => manifest.kind === kind);
  const secretOf = (manifest: Manifest): string | undefined => manifest.metadata.annotations?.['keelson.dev/inject-ca-from'];

  beforeAll(async () => {
    manifests = await template('cluster-api', 'capi-system');
  });

  test('passes helm lint and refuses values it does not know', async () => {
    await expect(helm(['lint', '--strict', chartPath('cluster-api')])).resolves.toContain('0 chart(s) failed');
    await expect(template('cluster-api', 'capi-system', ['--set', 'core.replica=1'])).rejects.toThrow(/additional properties 'replica' not allowed/);
  });

  test('every Service that asks for a certificate selects exactly one Deployment that mounts it', () => {
    for (const service of of('Service')) {
      const selector = (service['spec'] as { selector: Record<string, string> }).selector;
      const selected = of('Deployment').filter((deployment) => Object.entries(selector).every(([key, value]) => deployment.metadata.labels?.[key] === value));
      expect(selected).toHaveLength(1);
      expect(JSON.stringify(selected[0])).toContain(`"secretName":"${service.metadata.annotations?.['keelson.dev/serving-cert-secret']}"`);
    }
    expect(of('Service')).toHaveLength(4);
  });

  test('whatever calls a webhook names a Service of the chart and takes its CA from the same Secret', () => {
    const services = new Map(of('Service').map((service) => [service.metadata.name, `capi-system/${service.metadata.annotations?.['keelson.dev/serving-cert-secret']}`]));
    for (const configuration of [...of('MutatingWebhookConfiguration'), ...of('ValidatingWebhookConfiguration')]) {
      for (const { clientConfig } of configuration['webhooks'] as Webhook[]) expect(services.get(clientConfig.service.name)).toBe(secretOf(configuration));
    }
    for (const crd of of('CustomResourceDefinition')) {
      const { versions: served, conversion } = crd['spec'] as { versions: unknown[]; conversion?: { webhook: Webhook } };
      expect(conversion !== undefined).toBe(served.length > 1);
      if (conversion) expect(services.get(conversion.webhook.clientConfig.service.name)).toBe(secretOf(crd));
    }
  });

  test('CRDs say which contract they fulfil, so that core finds them', () => {
    const labels = (name: string): Record<string, string> | undefined => of('CustomResourceDefinition').find((crd) => crd.metadata.name === name)?.metadata.labels;
    expect(labels('kubeadmcontrolplanes.controlplane.cluster.x-k8s.io')).toMatchObject({ 'cluster.x-k8s.io/v1beta1': 'v1beta1', 'cluster.x-k8s.io/v1beta2': 'v1beta2' });
    expect(labels('kubeadmconfigs.bootstrap.cluster.x-k8s.io')).toMatchObject({ 'cluster.x-k8s.io/v1beta1': 'v1beta1', 'cluster.x-k8s.io/v1beta2': 'v1beta2' });
    expect(labels('openstackclusters.infrastructure.cluster.x-k8s.io')).toMatchObject({ 'cluster.x-k8s.io/v1beta1': 'v1beta1' });
    expect(labels('openstackclusters.infrastructure.cluster.x-k8s.io')).not.toHaveProperty(['cluster.x-k8s.io/v1beta2']);
  });

  test('an uninstall keeps the CRDs', () => {
    expect(of('CustomResourceDefinition')).toHaveLength(25);
    for (const crd of of('CustomResourceDefinition')) expect(crd.metadata.annotations?.['helm.sh/resource-policy']).toBe('keep');
  });

  test('the gates we need are on, and metrics ask for authentication', () => {
    const args = (name: string): string[] => (of('Deployment').find((deployment) => deployment.metadata.name === name)?.['spec'] as { template: { spec: { containers: { args: string[] }[] } } }).template.spec.containers[0]!.args;
    expect(args('capi-controller-manager').join(' ')).toMatch(/ClusterTopology=true,RuntimeSDK=true/);
    expect(args('capi-kubeadm-control-plane-controller-manager').join(' ')).toMatch(/ClusterTopology=true/);
    for (const deployment of of('Deployment')) {
      expect(args(deployment.metadata.name)).toEqual(expect.arrayContaining(['--leader-elect', '--insecure-diagnostics=false', '--v=2']));
      expect(args(deployment.metadata.name).join(' ')).not.toContain('$');
    }
  });

  test('images follow a mirror, a digest wins over a tag', async () => {
    const images = (list: Manifest[]): string[] => list.filter(({ kind }) => kind === 'Deployment').map((deployment) => /"image":"([^"]+)"/.exec(JSON.stringify(deployment))?.[1] ?? '');
    expect(images(manifests).sort()).toEqual([
      'registry.k8s.io/capi-openstack/capi-openstack-controller:v0.14.7',
      'registry.k8s.io/cluster-api/cluster-api-controller:v1.14.2',
      'registry.k8s.io/cluster-api/kubeadm-bootstrap-controller:v1.14.2',
      'registry.k8s.io/cluster-api/kubeadm-control-plane-controller:v1.14.2',
    ]);
    const digest = `sha256:${'a'.repeat(64)}`;
    const mirrored = images(await template('cluster-api', 'capi-system', ['--set', 'global.imageRegistry=mirror.example', '--set', `core.image.digest=${digest}`]));
    expect(mirrored).toContain(`mirror.example/cluster-api/cluster-api-controller@${digest}`);
    expect(mirrored.every((image) => image.startsWith('mirror.example/'))).toBe(true);
  });

  test('pods meet the restricted Pod Security Standard', () => {
    for (const deployment of of('Deployment')) {
      const pod = (deployment['spec'] as { template: { spec: { securityContext: unknown; containers: { securityContext: unknown }[] } } }).template.spec;
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const container of pod.containers) expect(container.securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
    }
  });

  test('the versions are those the tools of the sandbox are built from', () => {
    const goMod = (family: string): string => readFileSync(join(import.meta.dirname, '../../../sandbox/tools', family, 'go.mod'), 'utf8');
    expect(goMod('cluster-api')).toContain(`sigs.k8s.io/cluster-api ${versions['sigs.k8s.io/cluster-api']}`);
    expect(goMod('cluster-api-provider-openstack')).toContain(`sigs.k8s.io/cluster-api-provider-openstack ${versions['sigs.k8s.io/cluster-api-provider-openstack']}`);
  });
});

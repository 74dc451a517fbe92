import { releaseBundle } from '../../../../charts/keelson/bundle/release-bundle.ts';
import { appSpec } from '../../../../provisioner/api/app.ts';
import type { BundleFacts } from '../../../../provisioner/api/bundle-facts.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import { dependencyCycle } from '../../../../provisioner/operators/app/order.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { type BundleInput, wantedApps } from '../../../../provisioner/operators/cluster-apps/bundle.ts';
import { cloudFacts } from '../../../../provisioner/operators/cluster-apps/cloud-facts.ts';
import { bundleFactsOf } from '../../../../provisioner/operators/cluster-apps/facts.ts';
import { mirrored } from '../../../../provisioner/operators/cluster-apps/mirror.ts';
import { appsReady } from '../../../../provisioner/operators/cluster-apps/readiness.ts';
import { clusterTarget, managementTarget, type Target } from '../../../../provisioner/operators/cluster-apps/target.ts';

const cluster: Cluster = {
  apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name: 'demo', namespace: 'org-demo', uid: '7c3f9e52-0000-4000-8000-000000000000' },
  spec: {
    clusterNetwork: { pods: { cidrBlocks: ['10.120.0.0/16'] }, services: { cidrBlocks: ['10.121.0.0/16'] } }, controlPlaneEndpoint: { host: '198.51.100.20', port: 6443 },
    infrastructureRef: { kind: 'OpenStackCluster', name: 'demo-x' }, topology: { classRef: { name: 'openstack-v1' } },
  },
};
const ours = clusterTarget(cluster);
const foreign = clusterTarget({ ...cluster, spec: { ...cluster.spec, topology: { classRef: { name: 'theirs' } } } });
const management = managementTarget('keelson-system', { without: {} });
const cloud = { facts: { routerId: 'r', networkId: 'n', subnetId: 's', identity: { secret: 'cloud', cloudName: 'openstack' } }, configChecksum: 'abc' };
const { spec } = releaseBundle();

const of = (target: Target, o: Partial<BundleInput> & { readonly withCloud?: boolean } = {}) =>
  wantedApps({
    target, bundle: spec, kubernetes: '1.36', leftOut: {}, overrides: [],
    facts: bundleFactsOf({ target, kubernetes: '1.36', ...(o.withCloud === false || target.kind !== 'ours' ? {} : { cloud }) }), ...o,
  });
const named = (apps: readonly AppObject[], name: string) => apps.find((a) => a.metadata.labels?.['keelson.dev/component'] === name);
const names = (apps: readonly AppObject[]) => apps.map((a) => a.metadata.labels?.['keelson.dev/component']);

describe('the bundle of a cluster of our class', () => {
  it('is whole once the cloud is known', () => {
    expect(names(of(ours).apps)).toEqual(spec.apps.map(({ name }) => name));
    expect(of(ours).apps.filter((app) => app.spec.drift?.correct !== true)).toEqual([]);
    expect(of(ours).waiting).toEqual({});
  });

  it('is valid by the schema of App, with exact versions and without circles', () => {
    const { apps } = of(ours);
    for (const app of apps) {
      expect(appSpec.parse(app.spec)).toMatchObject(app.spec);
      expect(app.spec.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(dependencyCycle(app, (name) => apps.find((a) => a.metadata.name === name))).toBeUndefined();
    }
  });

  it('starts with the cloud controller, and everything waits for it in the end', () => {
    const { apps } = of(ours);
    const reaches = (app: AppObject): boolean =>
      (app.spec.dependsOn ?? []).some((name) => name === 'demo-openstack-cloud-controller-manager' || reaches(apps.find((a) => a.metadata.name === name)!));
    expect(apps[0]?.spec.dependsOn).toEqual([]);
    expect(apps.slice(1).filter((app) => !reaches(app))).toEqual([]);
  });

  it('installs the operator of ServiceMonitors before every chart that brings one', () => {
    const monitored = of(ours).apps.filter((a) => (a.spec.values as { serviceMonitor?: object }).serviceMonitor);
    expect(monitored.length).toBeGreaterThan(0);
    for (const app of monitored) expect(app.spec.dependsOn).toContain('demo-prometheus-operator');
  });

  it('gives the cloud controller a name no other cluster has and the checksum of its configuration', () => {
    expect(named(of(ours).apps, 'openstack-cloud-controller-manager')?.spec.values).toEqual({
      clusterName: expect.stringMatching(/^keelson-[0-9a-f]{16}$/) as string, podCidrs: [], cloudConfig: { secretName: 'cloud-config', checksum: 'abc' },
    });
  });

  it('lets the router carry pods where there is no tunnel, and where there is no Cilium', () => {
    const podCidrs = (target: Target, o: Partial<BundleInput> = {}) => (named(of(target, o).apps, 'openstack-cloud-controller-manager')?.spec.values as { podCidrs: unknown }).podCidrs;
    const native = clusterTarget({ ...cluster, spec: { ...cluster.spec, topology: { classRef: { name: 'openstack-v1' }, variables: [{ name: 'cilium', value: { tunnel: 'none' } }] } } });
    expect(podCidrs(ours, { leftOut: { cilium: 'no eBPF here' } })).toEqual(['10.120.0.0/16']);
    expect(podCidrs(native)).toEqual(['10.120.0.0/16']);
    expect(named(of(native).apps, 'cilium')?.spec.values).toMatchObject({ routingMode: 'native', ipv4NativeRoutingCIDR: '10.120.0.0/16' });
    expect(named(of(native).apps, 'cilium')?.spec.values).not.toHaveProperty('tunnelProtocol');
  });

  it('gives Cilium what the cluster is: its API, its tunnel, its kind of Services', () => {
    expect(named(of(ours).apps, 'cilium')?.spec.values).toMatchObject({
      k8sServiceHost: '198.51.100.20', k8sServicePort: 6443, kubeProxyReplacement: false, routingMode: 'tunnel', tunnelProtocol: 'vxlan', hubble: { enabled: true }, ipv6: { enabled: false },
    });
  });

  it('lets Cinder CSI know zones unless the cluster says that Cinder has zones of its own', () => {
    const argsOf = (target: Target) => (named(of(target).apps, 'openstack-cinder-csi')?.spec.values as { csi: { plugin: { extraArgs: string } } }).csi.plugin.extraArgs;
    const elsewhere = clusterTarget({ ...cluster, spec: { ...cluster.spec, topology: { classRef: { name: 'openstack-v1' }, variables: [{ name: 'cloud', value: { claimZone: 'default' } }] } } });
    expect([argsOf(ours), argsOf(elsewhere)]).toEqual(['- --with-topology=true', '- --with-topology=false']);
  });

  it('says what it waits for while the network of the cluster is being made; the others wait for the App that is not there yet', () => {
    const { apps, waiting } = of(ours, { withCloud: false });
    expect(waiting).toEqual({
      'demo-openstack-cloud-controller-manager': ['cloud.configChecksum', 'cloud.configSecret'],
      'demo-openstack-cinder-csi': ['cloud.configChecksum', 'cloud.configSecret'],
    });
    expect(named(apps, 'metrics-server')?.spec.dependsOn).toEqual(['demo-openstack-cloud-controller-manager', 'demo-cilium']);
  });

  it('has network policies where it has Cilium', () => {
    const policies = (o: Partial<BundleInput>) => (named(of(ours, o).apps, 'policies')?.spec.values as { network: { enabled: boolean } }).network.enabled;
    expect(policies({})).toBe(true);
    expect(policies({ leftOut: { cilium: 'no eBPF here' } })).toBe(false);
  });

  it('shows what is left out, paused and with the reason, and lets nothing wait for it', () => {
    const { apps, leftOut } = of(ours, { leftOut: { cilium: 'no eBPF here', 'no-such-app': 'x' } });
    expect(leftOut).toEqual({ cilium: 'no eBPF here' });
    expect(named(apps, 'cilium')).toMatchObject({ metadata: { annotations: { 'keelson.dev/left-out': 'no eBPF here', 'cluster.x-k8s.io/paused': 'true' } }, spec: { values: {}, dependsOn: [] } });
    expect(apps.flatMap((a) => a.spec.dependsOn ?? [])).not.toContain('demo-cilium');
  });

  it('merges what the operator was told over everything', () => {
    const overrides = [{ 'openstack-cloud-controller-manager': { podCidrs: ['10.0.0.0/8'], extra: 1 } }];
    expect(named(of(ours, { overrides }).apps, 'openstack-cloud-controller-manager')?.spec.values).toMatchObject({ podCidrs: ['10.0.0.0/8'], extra: 1, clusterName: expect.anything() as string });
  });

  it('lets a cluster have values of its own, by the names of apps', () => {
    expect(named(of(ours).apps, 'cilium')?.spec.valuesFrom).toEqual([
      { level: 'User', kind: 'ConfigMap', name: 'demo-bundle-values', key: 'cilium', optional: true },
      { level: 'User', kind: 'Secret', name: 'demo-bundle-values', key: 'cilium', optional: true },
    ]);
  });

  it('takes a chart that this Keelson does not hold from the catalog', () => {
    const { apps } = of(ours, { elsewhere: { policies: 'older' } });
    expect(named(apps, 'policies')?.spec.catalog).toEqual({ name: 'older', shared: true });
    expect(named(apps, 'cilium')?.spec).not.toHaveProperty('catalog');
  });

  it('takes images from the mirror: by the global value of our charts, image by image of others', () => {
    const { apps } = of(ours, { imageRegistry: 'mirror.example/k8s' });
    expect(named(apps, 'metrics-server')?.spec.values).toMatchObject({ global: { imageRegistry: 'mirror.example/k8s' } });
    expect(named(apps, 'openstack-cinder-csi')?.spec.values).toMatchObject({ csi: { plugin: { image: { repository: 'mirror.example/k8s/provider-os/cinder-csi-plugin' } } } });
    expect(mirrored('docker.io/library/busybox', 'mirror.example/')).toBe('mirror.example/library/busybox');
  });

  it('belongs to the Cluster, and says which bundle it is of', () => {
    for (const { metadata } of of(ours).apps) {
      expect(metadata.ownerReferences).toEqual([{ apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', name: 'demo', uid: cluster.metadata.uid }]);
      expect(metadata.labels).toMatchObject({ 'cluster.x-k8s.io/cluster-name': 'demo', 'keelson.dev/bundle': spec.version, 'keelson.dev/bundle-kubernetes': '1.36' });
    }
  });
});

describe('the bundle of others', () => {
  it('is for a foreign cluster the add-ons, and waits for nothing that it does not get', () => {
    const { apps, waiting } = of(foreign);
    expect(names(apps)).toEqual(['prometheus-operator', 'kube-state-metrics', 'node-exporter', 'cert-exporter', 'net-exporter', 'workload-monitoring', 'policies']);
    expect(waiting).toEqual({});
    expect(named(apps, 'prometheus-operator')?.spec.dependsOn).toEqual([]);
    expect(named(apps, 'policies')?.spec.values).toMatchObject({ network: { enabled: false } });
  });

  it('is for the management cluster what has no part of a cloud, and not the Prometheus it has already', () => {
    const { apps } = of(management);
    expect(names(apps)).toEqual(['metrics-server', 'prometheus-operator', 'kube-state-metrics', 'node-exporter', 'cert-exporter', 'net-exporter', 'policies']);
    expect(apps[0]).toMatchObject({ metadata: { name: 'management-metrics-server', namespace: 'keelson-system' }, spec: { target: 'Management' } });
    for (const app of apps) expect(app.spec).not.toHaveProperty('cluster');
  });

  it('leaves out what the Cluster says', () => {
    const target = clusterTarget({ ...cluster, metadata: { ...cluster.metadata, annotations: { 'keelson.dev/bundle-without': 'net-exporter, policies' } } });
    expect(Object.keys(of(target).leftOut)).toEqual(['net-exporter', 'policies']);
  });
});

describe('bundleFactsOf', () => {
  const facts = (c: Partial<Cluster['spec']>): BundleFacts => bundleFactsOf({ target: clusterTarget({ ...cluster, spec: { ...cluster.spec, ...c } }), kubernetes: '1.36' });

  it.each([['10.121.0.0/16', '10.121.0.10'], ['10.96.0.250/12', '10.96.1.4'], ['fd00:20::/112', 'fd00:20::a'], ['nonsense', undefined]])('cluster DNS of %s is %s', (cidr, address) => {
    expect(facts({ clusterNetwork: { services: { cidrBlocks: [cidr] } } })['cluster.dnsAddress']).toBe(address);
  });

  it('knows both families of a dual stack', () => {
    expect(facts({ clusterNetwork: { pods: { cidrBlocks: ['10.0.0.0/16', 'fd00::/56'] } } })).toMatchObject({ 'network.hasIPv4': true, 'network.hasIPv6': true });
    expect(facts({ clusterNetwork: { pods: { cidrBlocks: ['fd00::/56'] } } })).toMatchObject({ 'network.hasIPv4': false, 'network.hasIPv6': true });
  });
});

describe('cloudFacts', () => {
  const object = {
    apiVersion: '', kind: 'OpenStackCluster', metadata: { name: 'x' },
    spec: { identityRef: { name: 'cloud', cloudName: 'c1', region: 'R' }, apiServerLoadBalancer: { enabled: true, provider: 'ovn' } },
    status: { network: { id: 'n', name: 'nn', subnets: [{ id: 's', cidr: '10.20.0.0/24' }] }, router: { id: 'r' }, externalNetwork: { id: 'e', name: 'external' } },
  };

  it('reads what CAPO has made', () => {
    expect(cloudFacts(object)).toEqual({
      routerId: 'r', networkId: 'n', subnetId: 's', floatingNetworkId: 'e', loadBalancerProvider: 'ovn', identity: { secret: 'cloud', cloudName: 'c1', region: 'R' },
    });
  });

  it.each([[undefined], [{ ...object, status: {} }], [{ ...object, status: { ...object.status, router: undefined } }], [{ ...object, spec: {} }]])('waits for the rest: %j', (partial) => {
    expect(cloudFacts(partial as typeof object | undefined)).toBeUndefined();
  });
});

describe('appsReady', () => {
  const ready = (app: AppObject, status: 'True' | 'False'): AppObject => ({
    ...app, metadata: { ...app.metadata, generation: 1 }, status: { observedGeneration: 1, conditions: [{ type: 'Ready', status, reason: 'R', message: '', lastTransitionTime: '' }] },
  });

  it('names what is not Ready, what is not there yet and why, and what is left out', () => {
    const wanted = of(ours, { withCloud: false, leftOut: { cilium: 'no eBPF here' } });
    const apps = wanted.apps.map((app) => ready(app, app.metadata.name === 'demo-policies' ? 'False' : 'True'));
    expect(appsReady({ version: '1.0.0', wanted, apps, generation: 3 })).toMatchObject({
      status: 'False', reason: 'SomeNotReady', observedGeneration: 3,
      message: 'not Ready: demo-policies, demo-openstack-cloud-controller-manager (waits for cloud.configChecksum, cloud.configSecret), demo-openstack-cinder-csi (waits for cloud.configChecksum, cloud.configSecret); left out: cilium (no eBPF here)',
    });
  });

  it('counts what is installed', () => {
    const wanted = of(foreign);
    expect(appsReady({ version: '1.0.0', wanted, apps: wanted.apps.map((app) => ready(app, 'True')), generation: undefined })).toMatchObject({ status: 'True', reason: 'AllReady', message: 'all 7 Apps of bundle 1.0.0 are Ready' });
  });
});

import { appSpec } from '../../../../provisioner/api/app.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import { dependencyCycle } from '../../../../provisioner/operators/app/order.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { bundle } from '../../../../provisioner/operators/cluster-apps/bundle.ts';
import { parseBundleValues } from '../../../../provisioner/operators/cluster-apps/bundle-values.ts';
import { cloudFacts } from '../../../../provisioner/operators/cluster-apps/cloud-facts.ts';
import { components } from '../../../../provisioner/operators/cluster-apps/components.ts';
import { appsReady } from '../../../../provisioner/operators/cluster-apps/readiness.ts';

const cluster: Cluster = {
  apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name: 'demo', namespace: 'org-demo', uid: '7c3f9e52-0000-4000-8000-000000000000' },
  spec: { clusterNetwork: { pods: { cidrBlocks: ['10.120.0.0/16'] } }, infrastructureRef: { kind: 'OpenStackCluster', name: 'demo-x' } },
};
const facts = { routerId: 'r', networkId: 'n', subnetId: 's', identity: { secret: 'cloud', cloudName: 'openstack' } };
const cloud = { facts, configChecksum: 'abc' };
const named = (apps: readonly AppObject[], component: string) => apps.find((a) => a.spec.chart === component);

describe('the bundle of a cluster', () => {
  it('has an App for every component once the cloud is known', () => {
    expect(bundle({ cluster, cloud, overrides: {} }).map((a) => a.metadata.name)).toEqual(components.map((c) => `demo-${c.name}`));
  });

  it('is valid by the schema of App, and without circles', () => {
    const apps = bundle({ cluster, cloud, overrides: {} });
    for (const app of apps) {
      expect(appSpec.parse(app.spec)).toMatchObject(app.spec);
      expect(dependencyCycle(app, (name) => apps.find((a) => a.metadata.name === name))).toBeUndefined();
    }
  });

  it('starts with the cloud controller, and everything waits for it in the end', () => {
    const apps = bundle({ cluster, cloud, overrides: {} });
    const reaches = (app: AppObject): boolean =>
      app.spec.dependsOn.some((name) => name === 'demo-openstack-cloud-controller-manager' || reaches(apps.find((a) => a.metadata.name === name)!));
    expect(apps[0]?.spec.dependsOn).toEqual([]);
    expect(apps.slice(1).every(reaches)).toBe(true);
  });

  it('installs the operator of ServiceMonitors before every chart that brings one', () => {
    const apps = bundle({ cluster, cloud, overrides: {} }).filter((a) => (a.spec.values as { serviceMonitor?: object }).serviceMonitor);
    expect(apps.length).toBeGreaterThan(0);
    for (const app of apps) expect(app.spec.dependsOn).toContain('demo-prometheus-operator');
  });

  it('gives the cloud controller a name no other cluster has, the pod network and the checksum of its configuration', () => {
    expect(named(bundle({ cluster, cloud, overrides: {} }), 'openstack-cloud-controller-manager')?.spec.values).toEqual({
      clusterName: expect.stringMatching(/^keelson-[0-9a-f]{16}$/) as string, podCidrs: ['10.120.0.0/16'], cloudConfig: { secretName: 'cloud-config', checksum: 'abc' },
    });
  });

  it('lets the others wait while the network of an OpenStack cluster is being made', () => {
    const apps = bundle({ cluster, overrides: {} });
    expect(named(apps, 'openstack-cloud-controller-manager')).toBeUndefined();
    expect(named(apps, 'metrics-server')?.spec.dependsOn).toEqual(['demo-openstack-cloud-controller-manager']);
  });

  it('needs no cloud controller on a cluster of another kind', () => {
    const foreign: Cluster = { ...cluster, spec: { infrastructureRef: { kind: 'DockerCluster', name: 'x' } } };
    expect(named(bundle({ cluster: foreign, overrides: {} }), 'metrics-server')?.spec.dependsOn).toEqual([]);
  });

  it('merges what the operator was told over everything', () => {
    const overrides = { 'openstack-cloud-controller-manager': { podCidrs: ['10.0.0.0/8'], extra: 1 } };
    expect(named(bundle({ cluster, cloud, overrides }), 'openstack-cloud-controller-manager')?.spec.values).toMatchObject({ podCidrs: ['10.0.0.0/8'], extra: 1 });
  });

  it('belongs to the Cluster', () => {
    for (const { metadata } of bundle({ cluster, cloud, overrides: {} })) {
      expect(metadata.ownerReferences).toEqual([{ apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', name: 'demo', uid: cluster.metadata.uid }]);
      expect(metadata.labels).toMatchObject({ 'cluster.x-k8s.io/cluster-name': 'demo' });
    }
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

describe('parseBundleValues', () => {
  it('reads values per component; an empty file is none', () => {
    expect(parseBundleValues('metrics-server: {replicas: 2}')).toEqual({ 'metrics-server': { replicas: 2 } });
    expect(parseBundleValues('')).toEqual({});
    expect(parseBundleValues('{}')).toEqual({});
  });

  it.each(['metric-server: {}', 'metrics-server: 2', '- a', 'a: [', '"'])('refuses %s', (text) => {
    expect(() => parseBundleValues(text)).toThrow(expect.objectContaining({ code: 'BUNDLE_VALUES_INVALID' }));
  });
});

describe('appsReady', () => {
  const app = (name: string, status: string): AppObject => ({
    apiVersion: '', kind: 'App', metadata: { name, generation: 1 }, spec: { cluster: 'c', chart: 'x', namespace: 'n', values: {}, dependsOn: [] },
    status: { observedGeneration: 1, conditions: [{ type: 'Ready', status: status as 'True', reason: 'R', message: '', lastTransitionTime: '' }] },
  });

  it('names what is not Ready, also what is not there yet', () => {
    expect(appsReady(['a', 'b', 'c'], [app('a', 'True'), app('b', 'False')], 3)).toMatchObject({ status: 'False', reason: 'SomeNotReady', message: 'not Ready: b, c', observedGeneration: 3 });
    expect(appsReady(['a'], [app('a', 'True')], 3)).toMatchObject({ status: 'True', reason: 'AllReady' });
  });
});

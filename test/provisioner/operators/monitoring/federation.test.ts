import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { apiServerOf } from '../../../../provisioner/operators/monitoring/api-server.ts';
import { federationName, federationPlan, federationSecret, scrapeConfig } from '../../../../provisioner/operators/monitoring/federation.ts';
import { kubeconfigFor } from '../../../fixtures/api-server.ts';

const now = new Date('2026-11-01T00:00:00Z');
const hour = 3_600_000;
const cluster: Cluster = { apiVersion: '', kind: 'Cluster', metadata: { name: 'demo', namespace: 'org-demo', uid: 'u1' }, spec: { infrastructureRef: { kind: 'OpenStackCluster', name: 'x' } } };
const api = { endpoint: '198.51.100.20:6443', ca: 'CA' };
const token = { token: 'secret-token', expiresAt: new Date(now.getTime() + 24 * hour) };
const secret = federationSecret(cluster, { namespace: 'keelson-system', token, api, now });

describe('federationPlan', () => {
  const at = (hours: number) => new Date(now.getTime() + hours * hour);

  it('asks for a token as soon as the monitoring of the cluster is Ready', () => {
    expect(federationPlan(cluster, { stored: undefined, isMonitored: false, now })).toEqual({ kind: 'wait' });
    expect(federationPlan(cluster, { stored: undefined, isMonitored: true, now })).toEqual({ kind: 'renew' });
  });

  it('renews at two thirds of the life, also while the monitoring falters', () => {
    expect(federationPlan(cluster, { stored: secret, isMonitored: false, now: at(15) })).toEqual({ kind: 'keep', renewAt: at(16) });
    expect(federationPlan(cluster, { stored: secret, isMonitored: false, now: at(16) })).toEqual({ kind: 'renew' });
  });

  it('does not trust the token of another Cluster of the same name', () => {
    const again = { ...cluster, metadata: { ...cluster.metadata, uid: 'u2' } };
    expect(federationPlan(again, { stored: secret, isMonitored: true, now })).toEqual({ kind: 'renew' });
    expect(federationPlan(again, { stored: secret, isMonitored: false, now })).toEqual({ kind: 'wait' });
  });

  it('takes all away with the cluster', () => {
    expect(federationPlan(undefined, { stored: secret, isMonitored: false, now })).toEqual({ kind: 'remove' });
  });

  it('renews where the note on the Secret cannot be read', () => {
    const broken = { ...secret, metadata: { ...secret.metadata, annotations: { ...secret.metadata.annotations, 'keelson.dev/token-renew-at': 'soon' } } };
    expect(federationPlan(cluster, { stored: broken, isMonitored: true, now })).toEqual({ kind: 'renew' });
  });
});

describe('scrapeConfig', () => {
  it('says whose series these are and points at Secret and API server', () => {
    const { metadata, spec } = scrapeConfig(cluster, { namespace: 'keelson-system', api, clusterId: 'demo' }) as unknown as { metadata: object; spec: { staticConfigs: object[]; authorization: object } };
    expect(metadata).toMatchObject({ name: 'federation-org-demo.demo', namespace: 'keelson-system' });
    expect(spec.staticConfigs).toEqual([{ targets: ['198.51.100.20:6443'], labels: { cluster_id: 'demo', cluster_type: 'workload_cluster', organization: 'demo', environment: 'production', provider: 'openstack' } }]);
    expect(spec.authorization).toMatchObject({ credentials: { name: 'federation-org-demo.demo', key: 'token' } });
    expect(JSON.stringify({ metadata, spec })).not.toContain('secret-token');
  });

  it('of a Cluster whose name another one had first has its id in the series, and its name everywhere else', () => {
    const { metadata, spec } = scrapeConfig(cluster, { namespace: 'keelson-system', api, clusterId: 'demo.org-demo' }) as unknown as { metadata: object; spec: { staticConfigs: object[] } };
    expect(metadata).toMatchObject({ name: 'federation-org-demo.demo' });
    expect(spec.staticConfigs).toMatchObject([{ labels: { cluster_id: 'demo.org-demo', organization: 'demo' } }]);
  });

  it('has a name that no two Clusters share', () => {
    expect(federationName({ namespace: 'a', name: 'b-c' })).not.toBe(federationName({ namespace: 'a-b', name: 'c' }));
  });
});

describe('apiServerOf', () => {
  it('reads address and CA', () => {
    expect(apiServerOf(kubeconfigFor('https://198.51.100.20:6443', 'CA', { token: 't' }))).toEqual(api);
    expect(apiServerOf(kubeconfigFor('https://api.example.test', 'CA', { token: 't' })).endpoint).toBe('api.example.test:443');
  });

  it('repeats nothing of a kubeconfig it cannot use', () => {
    expect(() => apiServerOf('clusters: [{name: hunter2}]')).toThrow(expect.objectContaining({ code: 'KUBE_CONFIG', message: expect.not.stringContaining('hunter2') as string }));
  });
});

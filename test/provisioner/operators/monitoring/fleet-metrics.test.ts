import { Registry } from 'prom-client';
import { fleetMetrics, ownClasses } from '../../../../monitoring/fleet.ts';
import { classNames } from '../../../../provisioner/api/names.ts';
import type { Condition } from '../../../../provisioner/kube/index.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { federationSecret } from '../../../../provisioner/operators/monitoring/federation.ts';
import { registerFleetMetrics } from '../../../../provisioner/operators/monitoring/fleet-metrics.ts';
import { phaseOf } from '../../../../provisioner/operators/monitoring/phase.ts';

const created = '2026-11-01T00:00:00Z';
const condition = (type: string, status: Condition['status'], since = '2026-11-02T00:00:00Z'): Condition => ({ type, status, reason: `Because${type}`, message: '', lastTransitionTime: since });
const cluster = (over: { status?: Cluster['status']; metadata?: object; spec?: object } = {}): Cluster => ({
  apiVersion: '', kind: 'Cluster',
  metadata: { name: 'demo', namespace: 'org-demo', uid: 'u1', creationTimestamp: created, ...over.metadata },
  spec: { infrastructureRef: { kind: 'OpenStackCluster', name: 'x' }, topology: { version: 'v1.36.3', classRef: { name: 'openstack-v1' }, variables: [{ name: 'cloud', value: { region: 'east' } }] }, ...over.spec },
  status: { initialization: { controlPlaneInitialized: true }, conditions: [condition('Available', 'True'), condition('RollingOut', 'False')], ...over.status },
});

test('the classes whose control planes are watched are ours', () => expect(ownClasses).toBe(classNames));

describe('phaseOf', () => {
  const once = (since: string): Cluster['metadata'] => ({ ...cluster().metadata, annotations: { 'keelson.dev/first-available': since } });
  const conditions = (...list: Condition[]): Cluster => cluster({ status: { conditions: list } });
  test.each<[string, Cluster, string, string]>([
    ['runs since the last roll-out ended', cluster(), 'running', '2026-11-02T00:00:00.000Z'],
    ['is upgraded since machines roll', conditions(condition('Available', 'True'), condition('RollingOut', 'True', '2026-11-05T00:00:00Z')), 'upgrading', '2026-11-05T00:00:00.000Z'],
    ['is upgraded also while it is not available', conditions(condition('Available', 'False'), condition('RollingOut', 'True', '2026-11-05T00:00:00Z')), 'upgrading', '2026-11-05T00:00:00.000Z'],
    ['is created while no API server has answered', cluster({ status: { initialization: {} } }), 'creating', '2026-11-01T00:00:00.000Z'],
    ['is created until it was available once', conditions(condition('Available', 'False', '2026-11-01T00:05:00Z')), 'creating', '2026-11-01T00:00:00.000Z'],
    ['runs, badly, when it was available once', { ...conditions(condition('Available', 'False', '2026-11-01T00:20:00Z'), condition('RollingOut', 'False', '2026-11-01T00:04:00Z')), metadata: once('2026-11-01T00:05:00.000Z') }, 'running', '2026-11-01T00:04:00.000Z'],
    ['is created when the one it was copied from was available', { ...conditions(condition('Available', 'False', '2026-11-01T00:20:00Z')), metadata: once('2026-10-31T23:59:59.000Z') }, 'creating', '2026-11-01T00:00:00.000Z'],
    ['is created when nobody can read what was noted', { ...conditions(condition('Available', 'False', '2026-11-01T00:20:00Z')), metadata: once('yes') }, 'creating', '2026-11-01T00:00:00.000Z'],
    ['runs, badly, when it is unavailable later', conditions(condition('Available', 'False', '2026-11-03T00:00:00Z'), condition('RollingOut', 'False')), 'running', '2026-11-02T00:00:00.000Z'],
    ['is deleted whatever else it is', cluster({ metadata: { deletionTimestamp: '2026-11-09T00:00:00Z' } }), 'deleting', '2026-11-09T00:00:00.000Z'],
    ['is paused', cluster({ spec: { paused: true } }), 'paused', '2026-11-01T00:00:00.000Z'],
  ])('%s', (_, of, phase, since) => expect([phaseOf(of).phase, phaseOf(of).since.toISOString()]).toEqual([phase, since]));
});

describe('the metrics of the fleet', () => {
  test('two Clusters of one name are two', async () => {
    const lines = await text([cluster(), cluster({ metadata: { namespace: 'org-late', creationTimestamp: '2026-11-09T00:00:00Z' } })]);
    expect(lines.filter((line) => line.startsWith('keelson_cluster_federated'))).toEqual(['keelson_cluster_federated{cluster_id="demo"} 1', 'keelson_cluster_federated{cluster_id="demo.org-late"} 0']);
  });

  const text = async (clusters: Cluster[], results = new Map([['org-demo/demo', { failure: undefined, seconds: 0.02 }]] as [string, { failure: 'timeout' | undefined; seconds: number }][])): Promise<string[]> => {
    const registry = new Registry();
    const secret = federationSecret(cluster(), { namespace: 'keelson-system', token: { token: 'hunter2', expiresAt: new Date('2026-11-02T00:00:00Z') }, api: { endpoint: 'x', ca: 'y' }, now: new Date(created) });
    registerFleetMetrics(registry, { clusters: { items: () => clusters }, secrets: { items: () => [secret] }, probes: { results: () => results } });
    const body = await registry.metrics();
    expect(body).not.toContain('hunter2');
    return body.split('\n').filter((line) => line && !line.startsWith('#'));
  };

  test('say which clusters should exist, and what is known of them', async () => {
    const status = { initialization: { controlPlaneInitialized: true }, conditions: [condition('Available', 'False', '2026-11-03T00:00:00Z'), condition('RollingOut', 'False')], controlPlane: { desiredReplicas: 3, readyReplicas: 2 } };
    expect(await text([cluster({ status, metadata: { labels: { 'keelson.dev/environment': 'staging' } } })])).toEqual([
      'keelson_cluster_info{cluster_id="demo",cluster_type="workload_cluster",cluster_namespace="org-demo",organization="demo",region="east",environment="staging",phase="running",version="v1.36.3",class="openstack-v1",provider="openstack"} 1',
      'keelson_cluster_phase_since_timestamp_seconds{cluster_id="demo",phase="running"} 1793577600',
      'keelson_cluster_condition{cluster_id="demo",organization="demo",type="Available",status="False",reason="BecauseAvailable"} 1',
      'keelson_cluster_condition{cluster_id="demo",organization="demo",type="RollingOut",status="False",reason="BecauseRollingOut"} 1',
      'keelson_cluster_machines{cluster_id="demo",role="control_plane",state="desired"} 3',
      'keelson_cluster_machines{cluster_id="demo",role="control_plane",state="ready"} 2',
      'probe_success{cluster_id="demo",organization="demo",region="east"} 1',
      'probe_duration_seconds{cluster_id="demo",organization="demo",region="east"} 0.02',
      'keelson_cluster_federated{cluster_id="demo"} 1',
      `keelson_cluster_token_renewal_timestamp_seconds{cluster_id="demo"} ${new Date('2026-11-01T16:00:00Z').getTime() / 1000}`,
    ]);
  });

  test('have no label beyond those of the catalogue', async () => {
    const known = Object.values(fleetMetrics).map(({ name, labels }) => `${name} ${[...labels].sort().join()}`);
    const lines = await text([cluster()], new Map([['org-demo/demo', { failure: 'timeout', seconds: 5 }]]));
    const found = lines.map((line) => `${line.split('{')[0]} ${[...line.matchAll(/([a-z_]+)="/g)].map(([, name]) => name!).sort().join()}`);
    expect(found.filter((one) => !known.includes(one))).toEqual([]);
    expect(lines).toContain('probe_success{cluster_id="demo",organization="demo",region="east"} 0');
    expect(lines).toContain('keelson_cluster_api_failure{cluster_id="demo",reason="timeout"} 1');
  });

  test('a Cluster that is not ours is not there', async () => {
    expect(await text([cluster({ spec: { topology: { classRef: { name: 'other' } } } })])).toEqual([]);
  });
});

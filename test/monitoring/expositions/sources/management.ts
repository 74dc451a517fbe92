/** Cluster API's managers, Keelson's operator and extension over one real API server, and the cloud controller manager over a simulated cloud. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { releaseBundle } from '../../../../charts/keelson/bundle/release-bundle.ts';
import { resources } from '../../../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../../../provisioner/kube/types.ts';
import { silentLog } from '../../../../provisioner/kube/log.ts';
import { runOperator } from '../../../../provisioner/operators/index.ts';
import { pinOf } from '../../../../sandbox/tools/pins.ts';
import { startApiServer } from '../../../fixtures/api-server.ts';
import { freePort } from '../../../fixtures/free-port.ts';
import { toolsBin } from '../../../fixtures/tools-bin.ts';
import { cluster, initialize, installKinds, patchStatus } from '../../../provisioner/operators/fleet.ts';
import { startManagementPlane } from '../../../provisioner/topology/management-plane.ts';
import { recorded as recordedCalls, start as startCloud } from '../../../sandbox/openstack/fixture.ts';
import { Program } from '../../pair/processes.ts';
import { read, readSelfSigned, showing, type Recorded } from './source.ts';

export async function clusterApi(): Promise<Recorded[]> {
  const plane = await startManagementPlane({}, { isWhole: true });
  try {
    const of = (provider: Parameters<typeof plane.metricsPort>[0], family: string): Promise<string> => showing(provider, family, () => read(`http://127.0.0.1:${plane.metricsPort(provider)}/metrics`));
    const { version } = pinOf('capi-core-manager');
    return [
      { component: 'cluster-api', version, text: await of('cluster-api', 'controller_runtime_reconcile_total') },
      { component: 'cluster-api-provider-openstack', version: pinOf('capo-manager').version, text: await of('infrastructure-openstack', 'controller_runtime_reconcile_total') },
      { component: 'keelson-topology-extension', version: '0.1.0', text: await showing('the extension', 'keelson_topology_hook_answers_total', () => read(`http://127.0.0.1:${plane.extension.ports.metrics}/metrics`)) },
    ];
  } finally {
    await plane.stop();
  }
}

/** With a cluster of which it knows everything but a monitored one. */
export async function operator(): Promise<Recorded[]> {
  const api = await startApiServer();
  const stop = new AbortController();
  let done: Promise<void> = Promise.resolve();
  try {
    await installKinds(api);
    await api.client.create(resources.clusters, cluster('demo'));
    await initialize(api, 'demo', api.kubeconfig);
    await patchStatus(api, 'demo', { conditions: [{ type: 'Available', status: 'True', reason: 'R', message: '', lastTransitionTime: new Date().toISOString() }], controlPlane: { desiredReplicas: 1, readyReplicas: 1 }, workers: { desiredReplicas: 1, readyReplicas: 1 } });
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
    await api.client.create(resources.silences, { apiVersion: 'keelson.dev/v1alpha1', kind: 'Silence', metadata: { name: 'disk', namespace: 'org-demo' }, spec: { owner: 'anna', reason: 'the disk is replaced', expiresAt, matchers: [{ name: 'alertname', value: 'NodeDiskFull' }] } });
    const listening = Promise.withResolvers<number>();
    done = runOperator({
      client: api.client, log: silentLog, signal: stop.signal, onListening: ({ metrics = 0 }) => listening.resolve(metrics),
      options: { chartsDir: join(import.meta.dirname, '../../../../charts'), bundles: [releaseBundle()], helmBinary: join(toolsBin, 'helm'), classObjects: [], classHandlers: [], identity: 'one', alertmanagers: ['http://127.0.0.1:1'], metricsPort: 0, healthPort: 0, host: '127.0.0.1' },
    });
    const port = await Promise.race([listening.promise, done.then(() => Promise.reject(new Error('the operator ended at once')))]);
    const ask = (): Promise<string> => read(`http://127.0.0.1:${port}/metrics`);
    await showing('the operator', 'keelson_app_ready', ask);
    await showing('the operator', 'probe_success', ask);
    await showing('the operator', 'keelson_silence_ready', ask);
    await showing('the operator', 'keelson_openstack_quota_errors_total', ask);
    await showing('the operator', 'keelson_alertmanager_reached', ask);
    return [{ component: 'keelson-operator', version: '0.1.0', text: await showing('the operator', 'rest_client_requests_total', ask) }];
  } finally {
    stop.abort();
    await done;
    await api.stop();
  }
}

/** A node of its own, so that it calls the cloud; there is no such server, so that calls fail. */
export async function cloudController(folder: string): Promise<Recorded[]> {
  const [api, cloud] = await Promise.all([startApiServer(), startCloud(recordedCalls())]);
  const port = await freePort();
  const { clouds } = cloud.cloud.clouds() as { clouds: Record<string, { auth: Record<string, string>; region_name?: string }> };
  const { auth, region_name: region = 'RegionOne' } = clouds['keelson-password'] ?? { auth: {} };
  const names: Readonly<Record<string, string>> = { auth_url: 'auth-url', username: 'username', password: 'password', project_name: 'tenant-name', project_id: 'tenant-id', user_domain_name: 'user-domain-name', project_domain_name: 'tenant-domain-name', application_credential_id: 'application-credential-id', application_credential_secret: 'application-credential-secret' };
  await writeFile(join(folder, 'cloud.conf'), ['[Global]', ...Object.entries(auth).flatMap(([key, value]) => (names[key] ? [`${names[key]}="${value}"`] : [])), `region=${region}`, ''].join('\n'), { mode: 0o600 });
  await writeFile(join(folder, 'kubeconfig'), api.kubeconfig, { mode: 0o600 });
  await api.client.create(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: { providerID: 'openstack:///6b29fc40-ca47-4067-b31d-00dd010662da', taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' }] } } as KubeObject);
  const program = new Program('openstack-cloud-controller-manager', [
    '--v=2', '--cluster-name=x', `--cloud-config=${folder}/cloud.conf`, '--cloud-provider=openstack', `--kubeconfig=${folder}/kubeconfig`, '--leader-elect=false', '--use-service-account-credentials=false',
    '--authentication-skip-lookup=true', '--authorization-always-allow-paths=/metrics', `--secure-port=${port}`, '--bind-address=127.0.0.1', '--controllers=cloud-node,cloud-node-lifecycle', `--cert-dir=${folder}`,
  ], join(folder, 'occm.log'));
  program.start();
  try {
    const text = await showing('the cloud controller manager', 'openstack_api_requests_total', () => readSelfSigned(`https://127.0.0.1:${port}/metrics`)).catch(async (error: unknown) => Promise.reject(new Error(`${String(error)}\n${await readFile(join(folder, 'occm.log'), 'utf8')}`)));
    return [{ component: 'openstack-cloud-controller-manager', version: pinOf('openstack-cloud-controller-manager').version, text }];
  } finally {
    await program.kill();
    await cloud.stop();
    await api.stop();
  }
}

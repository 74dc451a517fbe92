/** The real cloud controller manager with nothing but a cluster's own credentials: it initializes a Node, carries pods by routes, makes and removes a load balancer, and is refused nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, openSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { Identity, parseClouds, Session } from '../../../../provisioner/openstack/index.ts';
import { workloadAccessRules } from '../../../../provisioner/operators/cluster/credential/access-rules.ts';
import { cloudConf } from '../../../../provisioner/operators/cluster-apps/cloud-conf.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../../fixtures/needs.ts';
import { made, recorded, start, until, type Running } from '../../../sandbox/openstack/fixture.ts';
import { tempFolder } from '../../helm/charts.ts';
import { eventually } from '../surroundings.ts';
import { home } from './project.ts';

const tag = 'keelson-0123456789abcdef';

describeWith({ tools: [...apiServerNeeds.tools, 'openstack-cloud-controller-manager'] }, 'the credentials of a workload cluster', () => {
  let api: ApiServer;
  let cloud: Running;
  let folder: string;
  let manager: ChildProcess;
  let serverId: string;
  let routerId: string;

  beforeAll(async () => {
    [api, cloud, folder] = await Promise.all([startApiServer(), start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1 } }), tempFolder()]);
    const { networkId, subnetId } = await home(cloud, tag, '10.20.0.0/24');
    const external = (await cloud.member.call('network', 'GET', '/v2.0/networks?router%3Aexternal=true') as { networks: { id: string }[] }).networks[0]!.id;
    routerId = String((await made(cloud.member, 'network', '/v2.0/routers', 'router', { name: 'r', external_gateway_info: { network_id: external } }))['id']);
    await cloud.member.call('network', 'PUT', `/v2.0/routers/${routerId}/add_router_interface`, { body: { subnet_id: subnetId } });
    const port = String((await made(cloud.member, 'network', '/v2.0/ports', 'port', { network_id: networkId }))['id']);
    const { nova, glance } = cloud.cloud.state;
    serverId = String((await made(cloud.member, 'compute', '/servers', 'server', { name: 'node-1', flavorRef: Object.keys(nova.flavors)[0], imageRef: Object.keys(glance.images)[0], networks: [{ port }] }))['id']);
    await until('the server is active', () => nova.servers[serverId]?.vmState === 'active');

    const owner = new Session({ cloud: parseClouds(stringify(cloud.cloud.clouds()), 'keelson-password'), userAgent: 'test' });
    const { id, secret } = await new Identity(owner).createApplicationCredential({ name: 'demo', roles: ['member', 'load-balancer_member'], accessRules: workloadAccessRules });
    owner.close();
    const facts = { routerId, networkId, subnetId, floatingNetworkId: external, loadBalancerProvider: 'ovn', identity: { secret: 'x', cloudName: 'openstack' } };
    const auth = { auth_url: cloud.cloud.authUrl(), application_credential_id: id, application_credential_secret: secret };
    await writeFile(join(folder, 'cloud.conf'), cloudConf({ auth, region_name: 'RegionOne' }, facts, { hasCa: false }));
    await writeFile(join(folder, 'kubeconfig'), api.kubeconfig);
    await api.client.create(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: { providerID: `openstack:///${serverId}`, podCIDR: '10.120.1.0/24', podCIDRs: ['10.120.1.0/24'], taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' }] } } as KubeObject);
    await api.client.patch(resources.nodes, { name: 'node-1' }, { type: 'merge', body: { status: { conditions: [{ type: 'Ready', status: 'True', reason: 'Test', message: '', lastHeartbeatTime: new Date().toISOString(), lastTransitionTime: new Date().toISOString() }] } }, subresource: 'status' });
    cloud.cloud.resetCalls();
    const log = openSync(join(folder, 'log'), 'a');
    const args = [
      '--v=2', `--cluster-name=${tag}`, `--cloud-config=${folder}/cloud.conf`, '--cloud-provider=openstack', `--kubeconfig=${folder}/kubeconfig`, '--leader-elect=false', '--use-service-account-credentials=false', '--authentication-skip-lookup=true', '--secure-port=0',
      '--configure-cloud-routes=true', '--allocate-node-cidrs=true', '--cluster-cidr=10.120.0.0/16', '--route-reconciliation-period=1s', '--controllers=cloud-node,cloud-node-lifecycle,service,route',
    ];
    manager = spawn('/usr/bin/setpriv', ['--pdeathsig', 'KILL', join(toolsBin, 'openstack-cloud-controller-manager'), ...args], { stdio: ['ignore', log, log] });
  }, 150_000);

  afterAll(async () => {
    manager?.kill('SIGKILL');
    await cloud?.stop();
    await api?.stop();
    await rm(folder, { recursive: true });
  });

  const log = (): string => readFileSync(join(folder, 'log'), 'utf8').slice(-3000);
  const within = <T>(probe: () => Promise<T | undefined | false>): Promise<T> => eventually(probe, 60_000).catch((error: unknown) => Promise.reject(new Error(`${String(error)}\n${log()}`)));

  it('initialize a Node: its zone, its address, no taint', async () => {
    const node = await within(async () => {
      const found = await api.client.get<KubeObject & { spec: { taints?: { key: string }[] } }>(resources.nodes, { name: 'node-1' });
      return found && !(found.spec.taints ?? []).some(({ key }) => key.endsWith('uninitialized')) ? found : undefined;
    });
    expect(node.metadata.labels?.['topology.kubernetes.io/region']).toBe('RegionOne');
  }, 90_000);

  it('write the routes of pods into the router', async () => {
    await within(async () => cloud.cloud.state.neutron.routers[routerId]?.routes.some(({ destination }) => destination === '10.120.1.0/24'));
  }, 90_000);

  it('make a load balancer with a floating IP, and take it apart', async () => {
    const ref = { namespace: 'default', name: 'web' };
    await api.client.create(resources.services, { apiVersion: 'v1', kind: 'Service', metadata: ref, spec: { type: 'LoadBalancer', ports: [{ port: 80 }], selector: { app: 'web' } } } as KubeObject);
    await within(async () => (await api.client.get<KubeObject & { status?: { loadBalancer?: { ingress?: object[] } } }>(resources.services, ref))?.status?.loadBalancer?.ingress?.length === 1);
    expect(Object.values(cloud.cloud.state.octavia.loadBalancers).map(({ name }) => name)).toEqual([`kube_service_${tag}_default_web`]);
    expect(Object.values(cloud.cloud.state.neutron.floatingIps).map(({ description }) => description)).toEqual([`Floating IP for Kubernetes external service default/web from cluster ${tag}`]);
    await api.client.delete(resources.services, ref);
    await within(async () => (await api.client.get(resources.services, ref)) === undefined);
    expect([cloud.cloud.state.octavia.loadBalancers, cloud.cloud.state.neutron.floatingIps]).toEqual([{}, {}]);
  }, 150_000);

  it('are refused nothing that it asked for', () => {
    const calls = cloud.cloud.calls();
    expect(calls.length).toBeGreaterThan(20);
    expect(calls.filter(({ status }) => [401, 403].includes(status)).map(({ service, method, route }) => `${service} ${method} ${route}`)).toEqual([]);
  });
});

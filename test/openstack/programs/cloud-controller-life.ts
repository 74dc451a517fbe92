/**
 * The life of a cluster as the OpenStack cloud controller manager sees it: nodes come and one goes, pods get routes, Services of type LoadBalancer
 * are made, changed, shared, given an address of their own and taken away; once more with the other provider, health monitors, security groups and allowed sources.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type KubeClient, type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import { cloudConf } from '../../../provisioner/operators/cluster-apps/cloud-conf.ts';
import { startApiServer } from '../../fixtures/api-server.ts';
import { toolsBin } from '../../fixtures/tools-bin.ts';
import { at, type Body } from '../reply.ts';
import { records } from '../target.ts';
import { activeServer, eventually, type Ground } from './ground.ts';

const cluster = 'keelson-0123456789abcdef';
const namespace = 'default';

export async function cloudControllerLife(ground: Ground): Promise<void> {
  const api = await startApiServer();
  try {
    await writeFile(join(ground.folder, 'kubeconfig'), api.kubeconfig);
    const life = new Life(ground, api.client);
    // OVN's provider 3.0, the lab's, leaves a load balancer in PENDING_UPDATE for good when a listener comes beside a monitor, or a monitor that came with it changes.
    await life.withProvider('ovn', 'create-monitor=false\n', () => life.nodesAndServices());
    // The lab's amphora worker, which has no amphorae, leaves what comes in one call with a load balancer in PENDING_CREATE, where Octavia lets nobody change it.
    await life.withProvider('amphora', 'manage-security-groups=true\nprovider-requires-serial-api-calls=true\n', () => life.monitorsAndAllowedSources());
  } finally {
    await api.stop();
  }
}

class Life {
  readonly #ground: Ground;
  readonly #client: KubeClient;

  constructor(ground: Ground, client: KubeClient) {
    this.#ground = ground;
    this.#client = client;
  }

  /** Runs the cloud controller manager meanwhile. @param more lines of the section LoadBalancer */
  async withProvider(loadBalancerProvider: string, more: string, live: () => Promise<void>): Promise<void> {
    const { cloud, target, stage, folder } = this.#ground;
    const { routerId, networkId, subnetId } = stage;
    const conf = cloudConf(cloud, { routerId, networkId, subnetId, floatingNetworkId: target.externalNetworkId, loadBalancerProvider, identity: { secret: '', cloudName: '' } }, { hasCa: false });
    await writeFile(join(folder, 'cloud.conf'), `${conf}\n[LoadBalancer]\n${more}`);
    const manager = this.#start();
    try {
      await live();
    } catch (error) {
      throw new Error(`${String(error)}\n${readFileSync(join(folder, 'log'), 'utf8').slice(-4000)}`, { cause: error });
    } finally {
      const ended = new Promise((resolve) => { manager.once('exit', resolve); });
      manager.kill('SIGKILL');
      await ended;
    }
  }

  #start(): ChildProcess {
    const { folder } = this.#ground;
    const log = openSync(join(folder, 'log'), 'a');
    return spawn('/usr/bin/setpriv', ['--pdeathsig', 'KILL', join(toolsBin, 'openstack-cloud-controller-manager'),
      '--v=2', `--cluster-name=${cluster}`, `--cloud-config=${folder}/cloud.conf`, '--cloud-provider=openstack', `--kubeconfig=${folder}/kubeconfig`, '--leader-elect=false', '--use-service-account-credentials=false',
      '--authentication-skip-lookup=true', '--secure-port=0', '--configure-cloud-routes=true', '--allocate-node-cidrs=true', '--cluster-cidr=10.120.0.0/16', '--route-reconciliation-period=1s', '--node-monitor-period=1s',
      '--controllers=cloud-node,cloud-node-lifecycle,service,route',
    ], { stdio: ['ignore', log, log] });
  }

  async nodesAndServices(): Promise<void> {
    const { target, hands } = this.#ground;
    const [first, second] = [hands.name('node-1'), hands.name('node-2')];
    const firstId = await activeServer(this.#ground, first);
    const secondId = await activeServer(this.#ground, second);
    await this.#node(first, '10.120.1.0/24', firstId);
    // This one is found by its name.
    await this.#node(second, '10.120.2.0/24');
    await eventually('both nodes have routes', async () => (await this.#destinations()).length === 2);

    await this.#service('web', { ports: [tcp(80), { ...tcp(53), protocol: 'UDP', name: 'dns' }] });
    await this.#hasAddress('web');
    await this.#change('web', { spec: { ports: [tcp(8080), tcp(443)] } });
    await this.#hasPorts('443,8080');

    await this.#service('shared', { ports: [tcp(81)], annotations: { 'loadbalancer.openstack.org/load-balancer-id': await this.#loadBalancer() } });
    await this.#hasAddress('shared');
    await this.#end('shared');

    const brought = at(await hands.must('network POST /v2.0/floatingips', { floatingip: { floating_network_id: target.externalNetworkId } }), 'floatingip', 'id');
    hands.undo(`network DELETE /v2.0/floatingips/${brought}`);
    await this.#service('own', { ports: [tcp(82)], loadBalancerIP: await this.#addressOf(brought), annotations: { 'loadbalancer.openstack.org/keep-floatingip': 'true' } });
    await this.#hasAddress('own');
    await this.#end('own');

    await hands.must(`compute DELETE /servers/${secondId}`);
    await this.#ready(second, false);
    await eventually('the node of the dead server is gone', async () => (await this.#client.get(resources.nodes, { name: second })) === undefined);
    await eventually('its route too', async () => (await this.#destinations()).length === 1);
    await eventually('its members too', async () => (await this.#members()).length === 2);
    await this.#end('web');
  }

  async monitorsAndAllowedSources(): Promise<void> {
    await this.#service('narrow', { ports: [tcp(80), { ...tcp(53), protocol: 'UDP', name: 'dns' }], sources: ['203.0.113.0/24'] });
    await this.#hasAddress('narrow');
    await this.#change('narrow', { metadata: { annotations: { 'loadbalancer.openstack.org/health-monitor-delay': '30' } } });
    await eventually('the new delay', async () => (await this.#list('healthmonitors')).filter((one) => one['delay'] === 30).length === 2);
    await this.#change('narrow', { spec: { ports: [tcp(80), tcp(443)] } });
    await this.#hasPorts('443,80');
    await eventually('monitors of both ports', async () => (await this.#list('healthmonitors')).map((one) => String(one['type'])).join() === 'TCP,TCP');
    await this.#change('narrow', { spec: { loadBalancerSourceRanges: ['203.0.113.0/24', '192.0.2.0/24'] } });
    await eventually('two allowed sources', async () => (await this.#list('listeners')).some((one) => (one['allowed_cidrs'] as string[] | null)?.length === 2));
    await this.#end('narrow');
    for (const { metadata } of (await this.#client.list<KubeObject>(resources.nodes)).items) await this.#client.delete(resources.nodes, { name: metadata.name });
    await eventually('no route is left', async () => (await this.#destinations()).length === 0);
  }

  async #node(name: string, podCidr: string, serverId?: string): Promise<void> {
    await this.#client.create(resources.nodes, {
      apiVersion: 'v1', kind: 'Node', metadata: { name },
      spec: { ...(serverId === undefined ? {} : { providerID: `openstack:///${serverId}` }), podCIDR: podCidr, podCIDRs: [podCidr], taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' }] },
    } as KubeObject);
    await this.#ready(name, true);
    await eventually(`node ${name} is initialized`, async () => {
      const found = await this.#client.get<KubeObject & { spec: { taints?: { key: string }[] } }>(resources.nodes, { name });
      return found !== undefined && !(found.spec.taints ?? []).some(({ key }) => key.endsWith('uninitialized'));
    });
  }

  async #ready(name: string, is: boolean): Promise<void> {
    const now = new Date().toISOString();
    await this.#client.patch(resources.nodes, { name }, { type: 'merge', subresource: 'status', body: { status: { conditions: [{ type: 'Ready', status: is ? 'True' : 'Unknown', reason: 'Test', message: '', lastHeartbeatTime: now, lastTransitionTime: now }] } } });
  }

  async #service(name: string, o: { readonly ports: readonly object[]; readonly annotations?: Record<string, string>; readonly loadBalancerIP?: string; readonly sources?: readonly string[] }): Promise<void> {
    await this.#client.create(resources.services, {
      apiVersion: 'v1', kind: 'Service', metadata: { namespace, name, annotations: o.annotations ?? {} },
      spec: { type: 'LoadBalancer', selector: { app: name }, ports: o.ports, ...(o.loadBalancerIP === undefined ? {} : { loadBalancerIP: o.loadBalancerIP }), ...(o.sources === undefined ? {} : { loadBalancerSourceRanges: o.sources }) },
    } as KubeObject);
  }

  #hasAddress(name: string): Promise<void> {
    return eventually(`Service ${name} has an address`, async () => (await this.#client.get<KubeObject & { status?: { loadBalancer?: { ingress?: object[] } } }>(resources.services, { namespace, name }))?.status?.loadBalancer?.ingress?.length === 1);
  }

  #hasPorts(ports: string): Promise<void> {
    return eventually(`listeners of the ports ${ports}`, async () => (await this.#list('listeners')).map((one) => String(one['protocol_port'])).sort().join() === ports);
  }

  async #change(name: string, body: object): Promise<void> {
    await this.#client.patch(resources.services, { namespace, name }, { type: 'merge', body });
  }

  async #end(name: string): Promise<void> {
    await this.#client.delete(resources.services, { namespace, name });
    await eventually(`Service ${name} is gone`, async () => (await this.#client.get(resources.services, { namespace, name })) === undefined);
  }

  async #list(what: 'loadbalancers' | 'listeners' | 'healthmonitors' | 'pools'): Promise<Record<string, unknown>[]> {
    return records(await this.#ground.eyes.call('load-balancer', 'GET', `/v2.0/lbaas/${what}`), what);
  }

  async #members(): Promise<unknown[]> {
    return (await this.#list('pools')).flatMap((pool) => pool['members'] as unknown[]);
  }

  async #loadBalancer(): Promise<string> {
    return String((await this.#list('loadbalancers'))[0]?.['id']);
  }

  async #destinations(): Promise<string[]> {
    const { router } = await this.#ground.eyes.call('network', 'GET', `/v2.0/routers/${this.#ground.stage.routerId}`) as { router: { routes: { destination: string }[] } };
    return router.routes.map(({ destination }) => destination);
  }

  async #addressOf(floatingIp: string): Promise<string> {
    return at(await this.#ground.eyes.call('network', 'GET', `/v2.0/floatingips/${floatingIp}`) as Body, 'floatingip', 'floating_ip_address');
  }
}

const tcp = (port: number): object => ({ name: `tcp-${port}`, port, protocol: 'TCP' });

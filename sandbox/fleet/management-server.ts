/**
 * The server of the management cluster, made as any user would: network, subnet, router, floating IP, server. Every step
 * looks first, so that a second run finds what the first one made.
 */
import { CloudError, Compute, Image, Network, type Session } from '../../provisioner/openstack/index.ts';
import { managementName } from './context.ts';
import { managementUserData } from './management-user-data.ts';
import { kubernetesVersion, pinOf } from '../tools/pins.ts';
import { notYet, ready, until } from './until.ts';

export interface ManagementServer {
  readonly id: string;
  readonly address: string;
  readonly floatingIp: string;
}

const nodeCidr = '10.10.0.0/24';
const address = '10.10.0.10';

/** @throws CloudError, FleetError */
export async function ensureManagementServer(session: Session, signal: AbortSignal, step: (what: string) => void): Promise<ManagementServer> {
  const network = new Network(session);
  step('network, router, floating IP');
  const { networkId, subnetId } = await ensureNetwork(network, signal);
  const external = one(await network.networks({ 'router:external': 'true' }, { signal }), 'external network');
  await ensureRouter(network, { externalId: external.id, subnetId }, signal);
  const port = (await network.ports({ name: managementName, network_id: networkId }, { signal }))[0]
    ?? (await network.createPort({ name: managementName, network_id: networkId, fixed_ips: [{ subnet_id: subnetId, ip_address: address }] }, { signal }));
  const floating = (await network.floatingIps({ port_id: port.id }, { signal }))[0]
    ?? (await network.createFloatingIp({ floating_network_id: external.id, port_id: port.id, description: managementName }, { signal }));
  step('server');
  const id = await ensureServer(session, { portId: port.id, floatingIp: floating.floating_ip_address }, signal);
  await active(new Compute(session), id, signal, step);
  return { id, address, floatingIp: floating.floating_ip_address };
}

async function ensureNetwork(network: Network, signal: AbortSignal): Promise<{ networkId: string; subnetId: string }> {
  const found = (await network.networks({ name: managementName }, { signal }))[0] ?? (await network.createNetwork({ name: managementName }, { signal }));
  const subnet = (await network.subnets({ network_id: found.id }, { signal }))[0]
    ?? (await network.createSubnet({ name: managementName, network_id: found.id, cidr: nodeCidr, ip_version: 4 }, { signal }));
  return { networkId: found.id, subnetId: subnet.id };
}

async function ensureRouter(network: Network, { externalId, subnetId }: { externalId: string; subnetId: string }, signal: AbortSignal): Promise<void> {
  const router = (await network.routers({ name: managementName }, { signal }))[0]
    ?? (await network.createRouter({ name: managementName, external_gateway_info: { network_id: externalId } }, { signal }));
  const legs = await network.ports({ device_id: router.id, device_owner: 'network:router_interface' }, { signal });
  if (!legs.some((leg) => leg.fixed_ips.some((ip) => ip.subnet_id === subnetId))) await network.addRouterInterface(router.id, subnetId, { signal });
}

async function ensureServer(session: Session, at: { portId: string; floatingIp: string }, signal: AbortSignal): Promise<string> {
  const compute = new Compute(session);
  const name = `${managementName}-1`;
  const found = (await compute.servers({ name: `^${name}$` }, { signal })).find((server) => server.name === name);
  if (found && found.status !== 'ERROR') return found.id;
  // As a person would: what did not come up (the world was killed while it booted) is made anew.
  if (found) await replaced(compute, found.id, signal);
  const image = one(await new Image(session).images({ name: `keelson-node-v${kubernetesVersion}` }, { signal }), `image keelson-node-v${kubernetesVersion}`);
  const flavor = one((await compute.flavors({ signal })).filter((f) => f.name === 'k.large'), 'flavor k.large');
  const userData = managementUserData({
    name, address, kubernetesVersion: `v${kubernetesVersion}`, corednsTag: `v${pinOf('coredns').version}`,
    podCidr: '10.100.0.0/16', serviceCidr: '10.101.0.0/16', certificateSans: ['127.0.0.1', at.floatingIp],
  });
  return compute.createServer({
    name, flavorRef: flavor.id, imageRef: image.id, availability_zone: 'az1', networks: [{ port: at.portId }],
    config_drive: true, user_data: Buffer.from(userData).toString('base64'),
  }, { signal });
}

async function replaced(compute: Compute, id: string, signal: AbortSignal): Promise<void> {
  await compute.deleteServer(id, { signal });
  await until('deletion of a failed server', async () => {
    const gone = await compute.server(id, { signal }).then(() => false, (error: unknown) => error instanceof CloudError && error.code === 'CLOUD_NOT_FOUND');
    return gone ? ready(true) : notYet('goes');
  }, { signal, timeoutMs: 60_000, step: () => undefined });
}

async function active(compute: Compute, id: string, signal: AbortSignal, step: (what: string) => void): Promise<void> {
  await until('server', async () => {
    const server = await compute.server(id, { signal });
    if (server.status === 'ACTIVE') return ready(true);
    if (server.status === 'ERROR') throw new CloudError('CLOUD_FAILED', `server ${server.name} went to ERROR: ${server.fault?.message ?? 'no fault given'}`);
    return notYet(server.status);
  }, { signal, timeoutMs: 120_000, step });
}

function one<T>(found: readonly T[], what: string): T {
  const [only] = found;
  if (only === undefined) throw new CloudError('CLOUD_NOT_FOUND', `the cloud has no ${what}; the sandbox's cloud is seeded with it, so its state is damaged: "keelson down", then "keelson up"`);
  return only;
}

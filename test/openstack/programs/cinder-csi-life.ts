/** The life of volumes as the controller of Cinder CSI is asked for them by Kubernetes' own side cars: made, cloned, restored, attached, grown, listed, refused, removed. */
import { openSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, credentials, loadPackageDefinition, type ServiceClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { cloudConf } from '../../../provisioner/operators/cluster-apps/cloud-conf.ts';
import { spawnWithParent } from '../../fixtures/spawn-with-parent.ts';
import { toolsBin } from '../../fixtures/tools-bin.ts';
import { nobody } from '../case.ts';
import { activeServer, eventually, type Ground } from './ground.ts';

const gib = 2 ** 30;
/** google.rpc.Code */
const codes = { ok: 0, notFound: 5, alreadyExists: 6, resourceExhausted: 8, internal: 13 } as const;

/** A call of CSI: the name of the method, its request as csi.proto has it. */
type Csi = (method: string, request: object) => Promise<Record<string, unknown>>;

export async function cinderCsiLife(ground: Ground): Promise<void> {
  await withDriver(ground, [], (csi) => volumes(ground, csi));
}

/** @param flags of the driver, beside those of its chart */
export async function withDriver(ground: Ground, flags: readonly string[], use: (csi: Csi) => Promise<void>): Promise<void> {
  const { cloud, stage, target, folder } = ground;
  const facts = { routerId: stage.routerId, networkId: stage.networkId, subnetId: stage.subnetId, floatingNetworkId: target.externalNetworkId, loadBalancerProvider: 'ovn', identity: { secret: '', cloudName: '' } };
  await writeFile(join(folder, 'cloud.conf'), cloudConf(cloud, facts, { hasCa: false }));
  const socket = join(folder, 'csi.sock');
  const log = openSync(join(folder, 'log'), 'a');
  const plugin = spawnWithParent(join(toolsBin, 'cinder-csi-plugin'), [`--endpoint=unix://${socket}`, `--cloud-config=${folder}/cloud.conf`, '--cluster=keelson-0123456789abcdef', '--provide-node-service=false', '--v=2', ...flags], log);
  const { controller, identity } = clients(socket);
  try {
    await eventually('the plugin answers', async () => (await call(identity)('Probe', {}))['error'] === undefined);
    await use(call(controller));
  } catch (error) {
    throw new Error(`${String(error)}\n${readFileSync(join(folder, 'log'), 'utf8').slice(-4000)}`, { cause: error });
  } finally {
    controller.close();
    identity.close();
    plugin.kill('SIGKILL');
  }
}

/** What a claim is answered in a cloud whose Cinder has other zones than its servers: by a driver that knows zones, and by one that does not. */
export async function claimInOtherZones(ground: Ground): Promise<void> {
  const claim = (name: string, more: object): object => ({ name: ground.hands.name(name), capacityRange: { requiredBytes: String(gib) }, volumeCapabilities: [capability], ...more });
  await withDriver(ground, ['--with-topology=true'], async (csi) => {
    const answer = await csi('CreateVolume', claim('bound', { accessibilityRequirements: { preferred: [{ segments: { 'topology.cinder.csi.openstack.org/zone': 'az1' } }] } }));
    refused(answer, codes.internal);
    if (!String(answer['error']).includes("Availability zone 'az1' is invalid")) throw new Error(`refused for another reason: ${String(answer['error'])}`);
  });
  await withDriver(ground, ['--with-topology=false'], async (csi) => {
    const { volumeId, accessibleTopology = [] } = succeeded(await csi('CreateVolume', claim('free', {})))['volume'] as { volumeId: string; accessibleTopology?: unknown[] };
    if (accessibleTopology.length > 0) throw new Error(`the volume is bound: ${JSON.stringify(accessibleTopology)}`);
    const nodeId = await activeServer(ground, ground.hands.name('node-1'));
    succeeded(await csi('ControllerPublishVolume', { volumeId, nodeId, volumeCapability: capability }));
    succeeded(await csi('ControllerUnpublishVolume', { volumeId, nodeId }));
    succeeded(await csi('DeleteVolume', { volumeId }));
    await gone(ground, volumeId);
  });
}

async function volumes(ground: Ground, csi: Csi): Promise<void> {
  const { hands, target } = ground;
  const serverId = await activeServer(ground, hands.name('node-1'));
  const volume = (name: string, sizeGib: number, more: object = {}): object => ({
    name: hands.name(name), capacityRange: { requiredBytes: String(sizeGib * gib) }, volumeCapabilities: [capability], parameters: { 'csi.storage.k8s.io/pvc/name': name, 'csi.storage.k8s.io/pvc/namespace': 'default' },
    accessibilityRequirements: { preferred: [{ segments: { 'topology.cinder.csi.openstack.org/zone': target.volumeZone } }] }, ...more,
  });
  const made = async (request: object): Promise<string> => (succeeded(await csi('CreateVolume', request))['volume'] as { volumeId: string }).volumeId;
  const isAvailable = (id: string, kind: 'volumes' | 'snapshots'): Promise<void> => eventually(`${kind} ${id} is available`, async () => {
    const answer = await ground.eyes.call('volumev3', 'GET', `/${kind}/${id}`) as Record<string, { status: string }>;
    return ['available', 'in-use'].includes(Object.values(answer)[0]!.status);
  });

  const id = await made(volume('data', 1));
  await isAvailable(id, 'volumes');
  same(await made(volume('data', 1)), id);
  refused(await csi('CreateVolume', volume('data', 2)), codes.alreadyExists);
  refused(await csi('CreateVolume', volume('vast', 1_000_000)), codes.resourceExhausted);
  succeeded(await csi('ValidateVolumeCapabilities', { volumeId: id, volumeCapabilities: [capability] }));
  refused(await csi('ValidateVolumeCapabilities', { volumeId: nobody, volumeCapabilities: [capability] }), codes.notFound);

  const publish = (volumeId: string, nodeId: string): Promise<Record<string, unknown>> => csi('ControllerPublishVolume', { volumeId, nodeId, volumeCapability: capability });
  succeeded(await publish(id, serverId));
  succeeded(await publish(id, serverId));
  refused(await publish(nobody, serverId), codes.notFound);
  refused(await publish(id, nobody), codes.notFound);
  succeeded(await csi('ControllerGetVolume', { volumeId: id }));
  const grow = (volumeId: string, sizeGib: number): Promise<Record<string, unknown>> => csi('ControllerExpandVolume', { volumeId, capacityRange: { requiredBytes: String(sizeGib * gib) }, volumeCapability: capability });
  succeeded(await grow(id, 2));

  const snapshot = { name: hands.name('snapshot'), sourceVolumeId: id };
  // Of a volume in use only by force.
  refused(await csi('CreateSnapshot', snapshot), codes.internal);
  const forced = { ...snapshot, parameters: { 'force-create': 'true' } };
  const { snapshotId } = succeeded(await csi('CreateSnapshot', forced))['snapshot'] as { snapshotId: string };
  await isAvailable(snapshotId, 'snapshots');
  succeeded(await csi('CreateSnapshot', forced));
  succeeded(await csi('ListSnapshots', { snapshotId }));
  succeeded(await csi('ListSnapshots', { sourceVolumeId: id }));
  succeeded(await csi('ListSnapshots', { maxEntries: 10 }));
  succeeded(await csi('ListSnapshots', { snapshotId: nobody }));

  const restored = await made(volume('restored', 2, { volumeContentSource: { snapshot: { snapshotId } } }));
  await isAvailable(restored, 'volumes');
  const cloned = await made(volume('cloned', 2, { volumeContentSource: { volume: { volumeId: restored } } }));
  await isAvailable(cloned, 'volumes');
  refused(await csi('CreateVolume', volume('of-nothing', 1, { volumeContentSource: { volume: { volumeId: nobody } } })), codes.notFound);
  succeeded(await grow(cloned, 3));
  succeeded(await csi('ListVolumes', {}));
  succeeded(await csi('ListVolumes', { maxEntries: 1 }));

  const unpublish = (volumeId: string, nodeId: string): Promise<Record<string, unknown>> => csi('ControllerUnpublishVolume', { volumeId, nodeId });
  succeeded(await unpublish(id, serverId));
  succeeded(await unpublish(id, serverId));
  succeeded(await unpublish(id, nobody));
  const remove = async (volumeId: string): Promise<void> => {
    succeeded(await csi('DeleteVolume', { volumeId }));
    await gone(ground, volumeId);
  };
  await remove(cloned);
  await remove(restored);
  succeeded(await csi('DeleteSnapshot', { snapshotId }));
  await eventually('the snapshot is gone', async () => (await ground.eyes.exchange('volumev3', 'GET', `/snapshots/${snapshotId}`)).status === 404);
  succeeded(await csi('DeleteSnapshot', { snapshotId }));
  await remove(id);
  await remove(id);
}

const gone = ({ eyes }: Ground, volumeId: string): Promise<void> => eventually(`volume ${volumeId} is gone`, async () => (await eyes.exchange('volumev3', 'GET', `/volumes/${volumeId}`)).status === 404);

const capability = { mount: { fsType: 'ext4' }, accessMode: { mode: 'SINGLE_NODE_WRITER' } };

function clients(socket: string): Record<'controller' | 'identity', Client> {
  const definition = loadSync(join(import.meta.dirname, 'csi.proto'), { longs: String, enums: String, oneofs: true });
  const { csi } = loadPackageDefinition(definition) as unknown as { csi: { v1: Record<'Controller' | 'Identity', ServiceClientConstructor> } };
  const address = `unix://${socket}`;
  return { controller: new csi.v1.Controller(address, credentials.createInsecure()), identity: new csi.v1.Identity(address, credentials.createInsecure()) };
}

/** A refusal is `{error}`. A volume that does not come takes the plugin up to two minutes. */
function call(client: Client): Csi {
  return (method, request) => new Promise((resolve) => {
    const start = Reflect.get(client, method) as (this: Client, request: object, options: { deadline: number }, done: (error: ServiceError | null, response?: object) => void) => void;
    start.call(client, request, { deadline: Date.now() + 150_000 }, (error, response) => { resolve(error ? { error } : { ...response }); });
  });
}

function succeeded(answer: Record<string, unknown>): Record<string, unknown> {
  if (answer['error'] !== undefined) throw new Error(String(answer['error']), { cause: answer['error'] });
  return answer;
}

function refused(answer: Record<string, unknown>, code: number): void {
  const got = (answer['error'] as ServiceError | undefined)?.code ?? codes.ok;
  if (got !== code) throw new Error(`refused with ${got} in place of ${code}: ${String(answer['error'])}`);
}

function same(one: string, other: string): void {
  if (one !== other) throw new Error(`made twice: ${one} and ${other}`);
}

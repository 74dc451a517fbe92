import { nobody, type Case } from '../case.ts';
import type { Recorder } from '../recorder.ts';
import { at } from '../reply.ts';
import { contractPort, microversion, runningServer, serverStatus, wantedServer } from './compute.ts';
import { availableVolume, untilVolume, volumeStatus, volumeVersion } from './volumes.ts';

const v238 = microversion('2.38');
const v253 = microversion('2.53');

/** Nova writes an attachment before the volume is in use. */
async function attached(t: Recorder, server: string, volume: string): Promise<void> {
  await t.must(`compute POST /servers/${server}/os-volume_attachments`, { volumeAttachment: { volumeId: volume } });
  await untilVolume(t, volume, 'in-use');
}

export const serverVolumeCases: readonly Case[] = [
  { name: 'server volumes: attach and detach', needs: ['volumes'], run: async (t, stage) => {
    const { id } = await runningServer(t, stage, 'attach');
    const volume = await availableVolume(t, 'data');
    const path = `/servers/${id}/os-volume_attachments`;
    await t.call('attach', `compute POST ${path}`, { volumeAttachment: { volumeId: volume } });
    await t.poll('until in use', `volumev3 GET /volumes/${volume}`, { state: volumeStatus, from: [], passing: ['available', 'reserved', 'attaching'], until: 'in-use' });
    await t.call('show the volume', `volumev3 GET /volumes/${volume}`);
    await t.call('attach it again', `compute POST ${path}`, { volumeAttachment: { volumeId: volume } });
    for (const version of ['2.1', '2.70', '2.79', '2.89']) await t.call(`attachments at ${version}`, `compute GET ${path}`, undefined, microversion(version));
    await t.call('one attachment', `compute GET ${path}/${volume}`);
    await t.call('the server', `compute GET /servers/${id}`, undefined, v238);
    await t.call('the server at 2.3', `compute GET /servers/${id}`, undefined, microversion('2.3'));
    await t.call('Cinder\'s attachments need 3.27', 'volumev3 GET /attachments');
    await t.call('Cinder\'s attachments', `volumev3 GET /attachments?volume_id=${volume}`, undefined, volumeVersion('3.27'));
    await t.call('delete in use', `volumev3 DELETE /volumes/${volume}`);
    await t.call('extend in use', `volumev3 POST /volumes/${volume}/action`, { 'os-extend': { new_size: 2 } }, volumeVersion('3.42'));
    await t.poll('until extended', `volumev3 GET /volumes/${volume}`, { state: volumeStatus, from: ['extending'], until: 'in-use' });
    const forced = await t.call('snapshot by force', 'volumev3 POST /snapshots', { snapshot: { volume_id: volume, name: t.name('forced'), force: true } });
    await t.poll('until taken', `volumev3 GET /snapshots/${at(forced.body, 'snapshot', 'id')}`, { state: (reply) => at(reply.body, 'snapshot', 'status'), from: ['creating'], until: 'available' });
    await t.must(`volumev3 DELETE /snapshots/${at(forced.body, 'snapshot', 'id')}`);
    await t.call('attach an unknown volume', `compute POST ${path}`, { volumeAttachment: { volumeId: nobody } });
    await t.call('attach without a volume', `compute POST ${path}`, { volumeAttachment: {} });
    await t.call('attach to no server', `compute POST /servers/${nobody}/os-volume_attachments`, { volumeAttachment: { volumeId: volume } });
    await t.call('show an unknown attachment', `compute GET ${path}/${nobody}`);
    await t.call('detach an unknown volume', `compute DELETE ${path}/${nobody}`);
    await t.call('detach', `compute DELETE ${path}/${volume}`);
    await t.poll('until available', `volumev3 GET /volumes/${volume}`, { state: volumeStatus, from: ['detaching'], until: 'available' });
    await t.call('detach again', `compute DELETE ${path}/${volume}`);
    await t.call('no attachments', `compute GET ${path}`);
  } },
  { name: 'server volumes: attach in Cinder alone', needs: ['volumes'], run: async (t, stage) => {
    const { id } = await runningServer(t, stage, 'reserve');
    const volume = await availableVolume(t, 'reserved');
    const v = volumeVersion('3.27');
    const made = await t.call('reserve', 'volumev3 POST /attachments', { attachment: { volume_uuid: volume, instance_uuid: id } }, v);
    const attachment = at(made.body, 'attachment', 'id');
    await t.call('the reserved volume', `volumev3 GET /volumes/${volume}`);
    await t.call('show', `volumev3 GET /attachments/${attachment}`, undefined, v);
    await t.call('list', `volumev3 GET /attachments?volume_id=${volume}`, undefined, v);
    await t.call('reserve it again', 'volumev3 POST /attachments', { attachment: { volume_uuid: volume, instance_uuid: nobody } }, v);
    await t.call('show an unknown', `volumev3 GET /attachments/${nobody}`, undefined, v);
    await t.call('delete', `volumev3 DELETE /attachments/${attachment}`, undefined, v);
    await t.poll('until available', `volumev3 GET /volumes/${volume}`, { state: volumeStatus, from: [], passing: ['reserved'], until: 'available' });
  } },
  { name: 'server volumes: boot from a volume', needs: ['volumes'], run: async (t, stage) => {
    const root = await availableVolume(t, 'bfv-root', { imageRef: t.target.imageId, description: 'Root volume for contract', multiattach: false });
    const extra = await availableVolume(t, 'bfv-etcd', { multiattach: false });
    const portId = await contractPort(t, stage, 'bfv');
    const { imageRef: _, ...server } = wantedServer(t, 'bfv', portId);
    const device = (uuid: string, index: number, tag?: string) => ({ uuid, boot_index: index, delete_on_termination: true, destination_type: 'volume', source_type: 'volume', ...(tag === undefined ? {} : { tag }) });
    const made = await t.call('create', 'compute POST /servers', { server: { ...server, block_device_mapping_v2: [device(root, 0), device(extra, -1, 'etcd')] } }, v253);
    const id = at(made.body, 'server', 'id');
    t.undo(`compute DELETE /servers/${id}`);
    await t.poll('until ACTIVE', `compute GET /servers/${id}`, { ...v238, state: serverStatus, from: ['BUILD'], until: 'ACTIVE' });
    await t.call('show', `compute GET /servers/${id}`, undefined, v238);
    await t.call('attachments', `compute GET /servers/${id}/os-volume_attachments`, undefined, microversion('2.79'));
    await t.call('root volume', `volumev3 GET /volumes/${root}`);
    await t.call('extra volume', `volumev3 GET /volumes/${extra}`);
    await t.call('detach the root', `compute DELETE /servers/${id}/os-volume_attachments/${root}`);
    await t.call('delete', `compute DELETE /servers/${id}`, undefined, v238);
    await t.poll('until gone', `compute GET /servers/${id}`, { ...v238, state: serverStatus, until: '404', passing: ['ACTIVE', 'DELETED'] });
    await t.poll('the root volume goes too', `volumev3 GET /volumes/${root}`, { state: volumeStatus, until: '404', passing: ['in-use', 'detaching', 'available', 'deleting'] });
    await t.poll('the extra volume goes too', `volumev3 GET /volumes/${extra}`, { state: volumeStatus, until: '404', passing: ['in-use', 'detaching', 'available', 'deleting'] });
  } },
  { name: 'server volumes: made by Nova', needs: ['volumes'], run: async (t, stage) => {
    const portId = await contractPort(t, stage, 'nova-made');
    const { imageRef: _, ...server } = wantedServer(t, 'nova-made', portId);
    const made = await t.call('create', 'compute POST /servers', { server: { ...server, block_device_mapping_v2: [
      { uuid: t.target.imageId, boot_index: 0, delete_on_termination: true, destination_type: 'volume', source_type: 'image', volume_size: 1 },
    ] } }, v253);
    const id = at(made.body, 'server', 'id');
    t.undo(`compute DELETE /servers/${id}`);
    await t.poll('until ACTIVE', `compute GET /servers/${id}`, { ...v238, state: serverStatus, from: ['BUILD'], until: 'ACTIVE' });
    const shown = await t.call('show', `compute GET /servers/${id}`, undefined, v238);
    const volumes = shown.body['server'] as { 'os-extended-volumes:volumes_attached': { id: string }[] };
    const volume = volumes['os-extended-volumes:volumes_attached'][0]?.id ?? '';
    await t.call('its volume', `volumev3 GET /volumes/${volume}`);
    await t.must(`compute DELETE /servers/${id}`);
    await t.poll('its volume goes too', `volumev3 GET /volumes/${volume}`, { state: volumeStatus, until: '404', passing: ['in-use', 'detaching', 'available', 'deleting'] });
  } },
  { name: 'server volumes: a deleted server leaves its volume', needs: ['volumes'], run: async (t, stage) => {
    const { id } = await runningServer(t, stage, 'leaves');
    const volume = await availableVolume(t, 'left');
    await attached(t, id, volume);
    await t.must(`compute DELETE /servers/${id}`);
    await t.poll('until available', `volumev3 GET /volumes/${volume}`, { state: volumeStatus, until: 'available', passing: ['in-use', 'detaching'] });
    await t.call('show', `volumev3 GET /volumes/${volume}`);
  } },
  { name: 'server volumes: refused', needs: ['volumes'], run: async (t, stage) => {
    const portId = await contractPort(t, stage, 'bdm');
    const { imageRef: _, ...server } = wantedServer(t, 'bdm', portId);
    const bootable = await availableVolume(t, 'bdm-boot', { imageRef: t.target.imageId });
    const plain = await availableVolume(t, 'bdm-plain');
    const attempt = (step: string, devices: readonly Record<string, unknown>[]) => t.call(step, 'compute POST /servers', { server: { ...server, block_device_mapping_v2: devices } }, v253);
    await attempt('unknown volume', [{ uuid: nobody, boot_index: 0, destination_type: 'volume', source_type: 'volume' }]);
    await attempt('unknown snapshot', [{ uuid: nobody, boot_index: 0, destination_type: 'volume', source_type: 'snapshot', volume_size: 1 }]);
    await attempt('not bootable', [{ uuid: plain, boot_index: 0, destination_type: 'volume', source_type: 'volume' }]);
    await attempt('no size', [{ uuid: t.target.imageId, boot_index: 0, destination_type: 'volume', source_type: 'image' }]);
    await attempt('two roots', [{ uuid: bootable, boot_index: 0, destination_type: 'volume', source_type: 'volume' }, { uuid: plain, boot_index: 0, destination_type: 'volume', source_type: 'volume' }]);
    await attempt('no root', [{ uuid: bootable, boot_index: -1, destination_type: 'volume', source_type: 'volume' }]);
    await attempt('wrong source', [{ uuid: bootable, boot_index: 0, destination_type: 'volume', source_type: 'tape' }]);
    await attempt('no image and no volume', []);
    const { id } = await runningServer(t, stage, 'bdm-holder');
    await attached(t, id, plain);
    // In this order, for Nova keeps what it reserved before the refusal.
    await attempt('volume in use', [{ uuid: plain, boot_index: -1, destination_type: 'volume', source_type: 'volume' }, { uuid: bootable, boot_index: 0, destination_type: 'volume', source_type: 'volume' }]);
    await t.call('the root volume is still free', `volumev3 GET /volumes/${bootable}`);
  } },
];

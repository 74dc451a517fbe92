import { nobody, type Case } from '../case.ts';
import type { Recorder } from '../recorder.ts';
import { at, type Reply } from '../reply.ts';

/** As Cinder CSI sends it. */
export const volumeVersion = (version: string): { headers: Record<string, string> } => ({ headers: { 'openstack-api-version': `volume ${version}` } });

export const volumeStatus = (reply: Reply): string => at(reply.body, 'volume', 'status');
const snapshotStatus = (reply: Reply): string => at(reply.body, 'snapshot', 'status');

/** A volume that is available, outside the contract. */
export async function availableVolume(t: Recorder, name: string, given: Record<string, unknown> = {}): Promise<string> {
  const id = at(await t.must('volumev3 POST /volumes', { volume: { name: t.name(name), size: 1, ...given } }), 'volume', 'id');
  t.undo(`volumev3 DELETE /volumes/${id}`);
  await untilVolume(t, id, 'available');
  return id;
}

export async function untilVolume(t: Recorder, id: string, wanted: string): Promise<void> {
  for (;;) {
    const state = volumeStatus(await t.quiet(`volumev3 GET /volumes/${id}`));
    if (state === wanted) return;
    if (state.startsWith('error')) throw new Error(`volume ${id} went to ${state}`);
    await t.target.pause();
  }
}

export const volumeCases: readonly Case[] = [
  { name: 'volumes: directory', needs: ['volumes'], run: async (t) => {
    const project = await t.target.projectId('member');
    await t.call('zones', 'volumev3 GET /os-availability-zone');
    const types = await t.call('types', 'volumev3 GET /types');
    await t.call('type', `volumev3 GET /types/${at(types.body, 'volume_types', 0, 'id')}`);
    await t.call('default type', 'volumev3 GET /types/default');
    await t.call('unknown type', `volumev3 GET /types/${nobody}`);
    await t.call('limits', 'volumev3 GET /limits');
    await t.call('quota set', `volumev3 GET /os-quota-sets/${project}`);
    await t.call('quota set with usage', `volumev3 GET /os-quota-sets/${project}?usage=true`);
    await t.call('quota of another project', 'volumev3 GET /os-quota-sets/0123456789abcdef0123456789abcdef');
    await t.call('too high a microversion', 'volumev3 GET /limits', undefined, volumeVersion('3.999'));
    await t.call('not a version', 'volumev3 GET /limits', undefined, volumeVersion('three'));
    await t.call('latest', `volumev3 GET /volumes/${nobody}`, undefined, volumeVersion('3.70'));
    await t.call('unknown path', 'volumev3 GET /nonsense');
    await t.call('without a token', 'volumev3 GET /types', undefined, { headers: { 'x-auth-token': '' } });
    await t.call('services', 'volumev3 GET /os-services');
  } },
  { name: 'volumes: a volume', needs: ['volumes'], run: async (t) => {
    const name = t.name('volume');
    await t.call('none of this name', `volumev3 GET /volumes/detail?name=${name}`, undefined, volumeVersion('3.34'));
    const made = await t.call('create', 'volumev3 POST /volumes', { volume: {
      name, size: 1, description: 'Created by OpenStack Cinder CSI driver', metadata: { 'cinder.csi.openstack.org/cluster': 'contract' }, availability_zone: t.target.volumeZone,
    } });
    const id = at(made.body, 'volume', 'id');
    t.undo(`volumev3 DELETE /volumes/${id}`);
    await t.poll('until available', `volumev3 GET /volumes/${id}`, { state: volumeStatus, from: ['creating'], until: 'available' });
    for (const version of ['3.0', '3.13', '3.48', '3.63', '3.70']) await t.call(`show at ${version}`, `volumev3 GET /volumes/${id}`, undefined, volumeVersion(version));
    await t.call('list by name', `volumev3 GET /volumes/detail?name=${name}`, undefined, volumeVersion('3.34'));
    await t.call('brief list by name', `volumev3 GET /volumes?name=${name}`);
    await t.call('list by status and name', `volumev3 GET /volumes/detail?status=available&name=${name}`);
    await t.call('list by metadata', `volumev3 GET /volumes/detail?metadata=${encodeURIComponent("{'cinder.csi.openstack.org/cluster': 'contract'}")}&name=${name}`);
    await t.call('list by other metadata', `volumev3 GET /volumes/detail?metadata=${encodeURIComponent("{'colour': 'blue'}")}`);
    await t.call('list by part of the name', `volumev3 GET /volumes?name~=${t.name('vol')}`, undefined, volumeVersion('3.34'));
    await t.call('list by an unknown filter', 'volumev3 GET /volumes?colour=blue', undefined, volumeVersion('3.34'));
    await t.call('bad limit', 'volumev3 GET /volumes?limit=some');
    await t.call('unknown marker', `volumev3 GET /volumes?marker=${nobody}`);
    await t.call('with count', `volumev3 GET /volumes?name=${name}&with_count=true`, undefined, volumeVersion('3.45'));
    await t.call('rename', `volumev3 PUT /volumes/${id}`, { volume: { name: t.name('renamed'), description: 'other' } });
    await t.call('add metadata', `volumev3 POST /volumes/${id}/metadata`, { metadata: { colour: 'blue' } });
    await t.call('replace metadata', `volumev3 PUT /volumes/${id}/metadata`, { metadata: { colour: 'green', size: 'small' } });
    await t.call('one metadata item', `volumev3 PUT /volumes/${id}/metadata/colour`, { meta: { colour: 'red' } });
    await t.call('show metadata', `volumev3 GET /volumes/${id}/metadata`);
    await t.call('show one item', `volumev3 GET /volumes/${id}/metadata/colour`);
    await t.call('show a missing item', `volumev3 GET /volumes/${id}/metadata/shape`);
    await t.call('delete one item', `volumev3 DELETE /volumes/${id}/metadata/size`);
    await t.call('extend', `volumev3 POST /volumes/${id}/action`, { 'os-extend': { new_size: 2 } });
    await t.poll('until extended', `volumev3 GET /volumes/${id}`, { state: volumeStatus, from: ['extending'], until: 'available' });
    await t.call('show extended', `volumev3 GET /volumes/${id}`);
    await t.call('extend to less', `volumev3 POST /volumes/${id}/action`, { 'os-extend': { new_size: 1 } });
    await t.call('extend to nonsense', `volumev3 POST /volumes/${id}/action`, { 'os-extend': { new_size: 'big' } });
    await t.call('bootable', `volumev3 POST /volumes/${id}/action`, { 'os-set_bootable': { bootable: true } });
    await t.call('unknown action', `volumev3 POST /volumes/${id}/action`, { dance: {} });
    await t.call('reset its status', `volumev3 POST /volumes/${id}/action`, { 'os-reset_status': { status: 'error' } });
    await t.call('delete', `volumev3 DELETE /volumes/${id}`);
    await t.poll('until gone', `volumev3 GET /volumes/${id}`, { state: volumeStatus, from: ['deleting'], until: '404' });
    await t.call('show the deleted', `volumev3 GET /volumes/${id}`);
    await t.call('delete again', `volumev3 DELETE /volumes/${id}`);
  } },
  { name: 'volumes: lists without a name', needs: ['volumes'], run: async (t) => {
    const volume = await availableVolume(t, 'listed');
    const made = await t.must('volumev3 POST /snapshots', { snapshot: { volume_id: volume, name: t.name('listed') } });
    const id = at(made, 'snapshot', 'id');
    t.undo(`volumev3 DELETE /snapshots/${id}`);
    await t.poll('until available', `volumev3 GET /snapshots/${id}`, { state: snapshotStatus, from: ['creating'], until: 'available' });
    await t.call('all volumes', 'volumev3 GET /volumes/detail');
    await t.call('all available snapshots', 'volumev3 GET /snapshots?status=available');
  } },
  { name: 'volumes: backups', needs: ['volumes'], run: async (t) => {
    await t.call('list', 'volumev3 GET /backups');
    await t.call('detailed list', 'volumev3 GET /backups/detail');
    await t.call('show an unknown', `volumev3 GET /backups/${nobody}`);
  } },
  { name: 'volumes: refused volumes', needs: ['volumes'], run: async (t) => {
    const attempt = (step: string, given: Record<string, unknown>) => t.call(step, 'volumev3 POST /volumes', { volume: { name: t.name('refused'), size: 1, ...given } });
    await attempt('no size', { size: undefined });
    await attempt('size zero', { size: 0 });
    await attempt('size of text', { size: 'big' });
    await attempt('unknown type', { volume_type: 'golden' });
    await attempt('unknown zone', { availability_zone: 'nowhere' });
    await attempt('unknown snapshot', { snapshot_id: nobody, size: undefined });
    await attempt('unknown source', { source_volid: nobody, size: undefined });
    await attempt('unknown image', { imageRef: nobody });
    await attempt('unknown attribute', { colour: 'blue' });
    await attempt('long name', { name: 'x'.repeat(256) });
    await attempt('metadata of numbers', { metadata: { colour: 7 } });
    await t.call('no body', 'volumev3 POST /volumes', {});
    await t.call('show an unknown', `volumev3 GET /volumes/${nobody}`);
    await t.call('delete an unknown', `volumev3 DELETE /volumes/${nobody}`);
    await t.call('action on an unknown', `volumev3 POST /volumes/${nobody}/action`, { 'os-extend': { new_size: 2 } });
  } },
  { name: 'volumes: from an image', needs: ['volumes'], run: async (t) => {
    const made = await t.call('create', 'volumev3 POST /volumes', { volume: { name: t.name('root'), size: 1, description: 'Root volume for contract', imageRef: t.target.imageId, multiattach: false } });
    const id = at(made.body, 'volume', 'id');
    t.undo(`volumev3 DELETE /volumes/${id}`);
    await t.poll('until available', `volumev3 GET /volumes/${id}`, { state: volumeStatus, from: ['creating'], passing: ['downloading'], until: 'available' });
    await t.call('show', `volumev3 GET /volumes/${id}`);
  } },
  { name: 'volumes: snapshots', needs: ['volumes'], run: async (t) => {
    const volume = await availableVolume(t, 'snapped');
    const name = t.name('snapshot');
    const made = await t.call('create', 'volumev3 POST /snapshots', { snapshot: { volume_id: volume, name, description: 'Created by OpenStack Cinder CSI driver', metadata: { 'cinder.csi.openstack.org/cluster': 'contract' } } });
    const id = at(made.body, 'snapshot', 'id');
    t.undo(`volumev3 DELETE /snapshots/${id}`);
    await t.poll('until available', `volumev3 GET /snapshots/${id}`, { state: snapshotStatus, from: ['creating'], until: 'available' });
    for (const version of ['3.0', '3.14', '3.41', '3.65']) await t.call(`show at ${version}`, `volumev3 GET /snapshots/${id}`, undefined, volumeVersion(version));
    await t.call('list by name', `volumev3 GET /snapshots?name=${name}`);
    await t.call('detailed list by volume', `volumev3 GET /snapshots/detail?volume_id=${volume}`);
    await t.call('list by status and volume', `volumev3 GET /snapshots?status=available&volume_id=${volume}&limit=10`);
    await t.call('list of another volume', `volumev3 GET /snapshots?volume_id=${nobody}`);
    await t.call('rename', `volumev3 PUT /snapshots/${id}`, { snapshot: { name: t.name('renamed') } });
    await t.call('metadata', `volumev3 POST /snapshots/${id}/metadata`, { metadata: { colour: 'blue' } });
    await t.call('delete the volume under it', `volumev3 DELETE /volumes/${volume}`);
    const clone = await t.call('a volume from it', 'volumev3 POST /volumes', { volume: { name: t.name('restored'), snapshot_id: id, size: 2 } });
    const restored = at(clone.body, 'volume', 'id');
    t.undo(`volumev3 DELETE /volumes/${restored}`);
    await t.poll('until restored', `volumev3 GET /volumes/${restored}`, { state: volumeStatus, from: ['creating'], until: 'available' });
    await t.call('show the restored', `volumev3 GET /volumes/${restored}`);
    await t.call('a smaller volume from it', 'volumev3 POST /volumes', { volume: { name: t.name('small'), snapshot_id: id, size: 0 } });
    const twin = await t.call('a clone', 'volumev3 POST /volumes', { volume: { name: t.name('clone'), source_volid: volume } });
    const cloned = at(twin.body, 'volume', 'id');
    t.undo(`volumev3 DELETE /volumes/${cloned}`);
    await t.poll('until cloned', `volumev3 GET /volumes/${cloned}`, { state: volumeStatus, from: ['creating'], until: 'available' });
    await t.call('show the clone', `volumev3 GET /volumes/${cloned}`);
    await t.call('of an unknown volume', 'volumev3 POST /snapshots', { snapshot: { volume_id: nobody, name: t.name('none') } });
    await t.call('without a volume', 'volumev3 POST /snapshots', { snapshot: { name: t.name('none') } });
    await t.call('delete', `volumev3 DELETE /snapshots/${id}`);
    await t.poll('until gone', `volumev3 GET /snapshots/${id}`, { state: snapshotStatus, from: ['deleting'], until: '404' });
    await t.call('show the deleted', `volumev3 GET /snapshots/${id}`);
    await t.call('delete again', `volumev3 DELETE /snapshots/${id}`);
  } },
  { name: 'volumes: status', needs: ['volumes', 'admin'], run: async (t) => {
    const id = await availableVolume(t, 'status');
    await t.call('a member resets', `volumev3 POST /volumes/${id}/action`, { 'os-reset_status': { status: 'error' } });
    await t.call('the administrator sees it', `volumev3 GET /volumes/${id}`, undefined, { as: 'admin' });
    await t.call('the administrator lists all', `volumev3 GET /volumes?all_tenants=1&name=${t.name('status')}`, undefined, { as: 'admin' });
    await t.call('the administrator lists its own', `volumev3 GET /volumes?name=${t.name('status')}`, undefined, { as: 'admin' });
    await t.call('to error', `volumev3 POST /volumes/${id}/action`, { 'os-reset_status': { status: 'error' } }, { as: 'admin' });
    await t.call('extend in error', `volumev3 POST /volumes/${id}/action`, { 'os-extend': { new_size: 2 } });
    await t.call('snapshot in error', 'volumev3 POST /snapshots', { snapshot: { volume_id: id, name: t.name('no') } });
    await t.call('to in-use', `volumev3 POST /volumes/${id}/action`, { 'os-reset_status': { status: 'in-use' } }, { as: 'admin' });
    await t.call('to attaching', `volumev3 POST /volumes/${id}/action`, { 'os-reset_status': { status: 'attaching' } }, { as: 'admin' });
    await t.call('delete while attaching', `volumev3 DELETE /volumes/${id}`);
    await t.call('extend while attaching', `volumev3 POST /volumes/${id}/action`, { 'os-extend': { new_size: 2 } });
    await t.call('snapshot while attaching', 'volumev3 POST /snapshots', { snapshot: { volume_id: id, name: t.name('no') } });
    await t.call('to nonsense', `volumev3 POST /volumes/${id}/action`, { 'os-reset_status': { status: 'dancing' } }, { as: 'admin' });
    await t.call('to available', `volumev3 POST /volumes/${id}/action`, { 'os-reset_status': { status: 'available' } }, { as: 'admin' });
    await t.call('services', 'volumev3 GET /os-services', undefined, { as: 'admin' });
  } },
  { name: 'volumes: quota', needs: ['volumes', 'admin'], run: async (t) => {
    const { projectId } = await t.target.stranger();
    const as = { as: 'stranger' as const };
    const set = (quota: Record<string, number>) => t.must(`volumev3 PUT /os-quota-sets/${projectId}`, { quota_set: quota }, { as: 'admin' });
    await t.call('a member sets quotas', `volumev3 PUT /os-quota-sets/${projectId}`, { quota_set: { volumes: 1 } }, as);
    await t.call('set', `volumev3 PUT /os-quota-sets/${projectId}`, { quota_set: { volumes: 0 } }, { as: 'admin' });
    await t.call('one volume too many', 'volumev3 POST /volumes', { volume: { name: t.name('q'), size: 1 } }, as);
    await set({ volumes: 2, gigabytes: 1 });
    await t.call('one gigabyte too many', 'volumev3 POST /volumes', { volume: { name: t.name('q'), size: 2 } }, as);
    const made = await t.call('what fits', 'volumev3 POST /volumes', { volume: { name: t.name('q'), size: 1 } }, as);
    const id = at(made.body, 'volume', 'id');
    await t.poll('until available', `volumev3 GET /volumes/${id}`, { ...as, state: volumeStatus, from: ['creating'], until: 'available' });
    await t.call('extend beyond', `volumev3 POST /volumes/${id}/action`, { 'os-extend': { new_size: 2 } }, as);
    await set({ snapshots: 0 });
    await t.call('one snapshot too many', 'volumev3 POST /snapshots', { snapshot: { volume_id: id, name: t.name('q') } }, as);
    await t.call('usage', `volumev3 GET /os-quota-sets/${projectId}?usage=true`, undefined, as);
    await t.call('limits', 'volumev3 GET /limits', undefined, as);
    await t.call('defaults', `volumev3 GET /os-quota-sets/${projectId}/defaults`, undefined, { as: 'admin' });
    await t.call('delete', `volumev3 DELETE /volumes/${id}`, undefined, as);
    await t.poll('until gone', `volumev3 GET /volumes/${id}`, { ...as, state: volumeStatus, from: ['deleting'], until: '404' });
    await t.call('back to defaults', `volumev3 DELETE /os-quota-sets/${projectId}`, undefined, { as: 'admin' });
  } },
  { name: 'volumes: another project', needs: ['volumes', 'admin'], run: async (t) => {
    await t.target.stranger();
    const id = await availableVolume(t, 'mine');
    const as = { as: 'stranger' as const };
    await t.call('show', `volumev3 GET /volumes/${id}`, undefined, as);
    await t.call('list', `volumev3 GET /volumes?name=${t.name('mine')}`, undefined, as);
    await t.call('delete', `volumev3 DELETE /volumes/${id}`, undefined, as);
    await t.call('snapshot', 'volumev3 POST /snapshots', { snapshot: { volume_id: id, name: t.name('s') } }, as);
    const made = await t.call('offer a transfer', 'volumev3 POST /volume-transfers', { transfer: { volume_id: id, name: t.name('transfer') } });
    const transfer = at(made.body, 'transfer', 'id');
    await t.call('the volume waits', `volumev3 GET /volumes/${id}`);
    await t.call('accept with a wrong key', `volumev3 POST /volume-transfers/${transfer}/accept`, { accept: { auth_key: 'wrong' } }, as);
    await t.call('transfers', 'volumev3 GET /volume-transfers');
    await t.call('show the transfer', `volumev3 GET /volume-transfers/${transfer}`);
    await t.call('take it back', `volumev3 DELETE /volume-transfers/${transfer}`);
    await t.call('the volume is free', `volumev3 GET /volumes/${id}`);
  } },
];

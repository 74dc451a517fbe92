import { nobody, type Case } from '../case.ts';
import type { Recorder } from '../recorder.ts';
import { at, type Reply } from '../reply.ts';
import type { Stage } from '../stage.ts';

/** As Cluster API's provider sends it. */
export const microversion = (version: string): { headers: Record<string, string> } => ({
  headers: { 'openstack-api-version': `compute ${version}`, 'x-openstack-nova-api-version': version },
});
const v253 = microversion('2.53');
const v238 = microversion('2.38');
export const serverStatus = (reply: Reply): string => at(reply.body, 'server', 'status');
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGdqCk8P6nBVTMWqJQ8hxBXz5vD3Bv3mR3o3K8m8b0m1 contract';

export async function contractPort(t: Recorder, stage: Stage, name: string): Promise<string> {
  const body = await t.must('network POST /v2.0/ports', { port: { name: t.name(name), network_id: stage.networkId, security_groups: [stage.groupId] } });
  const id = at(body, 'port', 'id');
  t.undo(`network DELETE /v2.0/ports/${id}`);
  return id;
}

export function wantedServer(t: Recorder, name: string, portId: string): Record<string, unknown> {
  const { imageId, flavorId, zone } = t.target;
  return {
    name: t.name(name), imageRef: imageId, flavorRef: flavorId, availability_zone: zone, config_drive: true, user_data: Buffer.from('#cloud-config\n').toString('base64'),
    block_device_mapping_v2: [{ boot_index: 0, delete_on_termination: true, destination_type: 'local', source_type: 'image', uuid: imageId }],
    networks: [{ port: portId }], tags: [t.name('tag'), 'contract'],
  };
}

export async function runningServer(t: Recorder, stage: Stage, name: string): Promise<{ id: string; portId: string }> {
  const portId = await contractPort(t, stage, name);
  const id = at(await t.must('compute POST /servers', { server: wantedServer(t, name, portId) }, v253), 'server', 'id');
  t.undo(`compute DELETE /servers/${id}`);
  for (;;) {
    const state = serverStatus(await t.quiet(`compute GET /servers/${id}`, undefined, v238));
    if (state === 'ACTIVE') return { id, portId };
    if (state === 'ERROR') throw new Error(`server ${name} went to ERROR`);
    await t.target.pause();
  }
}

export const computeCases: readonly Case[] = [
  { name: 'compute: flavors and zones', run: async (t) => {
    const { flavorId } = t.target;
    await t.call('show', `compute GET /flavors/${flavorId}`, undefined, v238);
    await t.call('show at 2.61', `compute GET /flavors/${flavorId}`, undefined, microversion('2.61'));
    await t.call('extra specs', `compute GET /flavors/${flavorId}/os-extra_specs`);
    await t.call('unknown', `compute GET /flavors/${nobody}`, undefined, v238);
    await t.call('one of the list', 'compute GET /flavors/detail?limit=1', undefined, v238);
    await t.call('one of the brief list', 'compute GET /flavors?limit=1', undefined, v238);
    await t.call('bad limit', 'compute GET /flavors?limit=some', undefined, v238);
    await t.call('zones', 'compute GET /os-availability-zone', undefined, v238);
  } },
  { name: 'compute: microversions', run: async (t) => {
    await t.call('too high', 'compute GET /flavors?limit=1', undefined, microversion('2.999'));
    await t.call('not a version', 'compute GET /flavors?limit=1', undefined, microversion('two'));
    await t.call('latest', `compute GET /servers/${nobody}`, undefined, microversion('latest'));
    await t.call('none', `compute GET /servers/${nobody}`);
  } },
  { name: 'compute: a server', run: async (t, stage) => {
    const name = t.name('server');
    await t.call('none of this name', `compute GET /servers/detail?name=${encodeURIComponent(`^${name}$`)}`, undefined, v238);
    const portId = await contractPort(t, stage, 'server');
    const made = await t.call('create', 'compute POST /servers', { server: wantedServer(t, 'server', portId) }, v253);
    const id = at(made.body, 'server', 'id');
    t.undo(`compute DELETE /servers/${id}`);
    await t.poll('until ACTIVE', `compute GET /servers/${id}`, { ...v238, state: serverStatus, from: ['BUILD'], until: 'ACTIVE' });
    for (const version of ['2.1', '2.38', '2.53', '2.71', '2.90']) await t.call(`show at ${version}`, `compute GET /servers/${id}`, undefined, microversion(version));
    await t.call('list by name', `compute GET /servers/detail?name=${encodeURIComponent(`^${name}$`)}`, undefined, v238);
    await t.call('brief list by part of the name', `compute GET /servers?name=${t.name('ser')}`, undefined, v238);
    await t.call('list by tag', `compute GET /servers?tags=${t.name('tag')}`, undefined, v238);
    await t.call('list by another tag', `compute GET /servers?tags=${t.name('other')}`, undefined, v238);
    await t.call('list by status', `compute GET /servers?status=ACTIVE&name=${name}`, undefined, v238);
    await t.call('tags', `compute GET /servers/${id}/tags`, undefined, v238);
    await t.call('interfaces', `compute GET /servers/${id}/os-interface`, undefined, v238);
    await t.call('volumes', `compute GET /servers/${id}/os-volume_attachments`, undefined, v238);
    await t.call('addresses', `compute GET /servers/${id}/ips`, undefined, v238);
    await t.call('its port', `network GET /v2.0/ports/${portId}`);
    await t.call('its port by device', `network GET /v2.0/ports?device_id=${id}`);
    await t.call('another server on its port', 'compute POST /servers', { server: { ...wantedServer(t, 'second', portId) } }, v253);
    await t.call('set metadata', `compute POST /servers/${id}/metadata`, { metadata: { colour: 'blue' } }, v238);
    await t.call('show metadata', `compute GET /servers/${id}/metadata`, undefined, v238);
    await t.call('rename', `compute PUT /servers/${id}`, { server: { name: t.name('renamed') } }, v238);
    await t.call('delete', `compute DELETE /servers/${id}`, undefined, v238);
    await t.poll('until gone', `compute GET /servers/${id}`, { ...v238, state: serverStatus, until: '404', passing: ['ACTIVE', 'DELETED'] });
    await t.call('delete again', `compute DELETE /servers/${id}`, undefined, v238);
    await t.call('its port afterwards', `network GET /v2.0/ports/${portId}`);
  } },
  { name: 'compute: a server on a network', run: async (t, stage) => {
    const { networks: _, ...rest } = wantedServer(t, 'onnet', '');
    const made = await t.call('create', 'compute POST /servers', { server: { ...rest, networks: [{ uuid: stage.networkId }] } }, v253);
    const id = at(made.body, 'server', 'id');
    t.undo(`compute DELETE /servers/${id}`);
    await t.poll('until ACTIVE', `compute GET /servers/${id}`, { ...v238, state: serverStatus, from: ['BUILD'], until: 'ACTIVE' });
    await t.call('show', `compute GET /servers/${id}`, undefined, v238);
    await t.call('its port', `network GET /v2.0/ports?device_id=${id}`);
    await t.call('delete', `compute DELETE /servers/${id}`, undefined, v238);
    await t.poll('until gone', `compute GET /servers/${id}`, { ...v238, state: serverStatus, until: '404', passing: ['ACTIVE', 'DELETED'] });
    await t.call('its port afterwards', `network GET /v2.0/ports?device_id=${id}`);
  } },
  { name: 'compute: power', run: async (t, stage) => {
    const { id } = await runningServer(t, stage, 'power');
    const act = (body: unknown): string => `${JSON.stringify(body)}`;
    const path = `compute POST /servers/${id}/action`;
    await t.call('start a running server', path, { 'os-start': null }, v238);
    await t.call('stop', path, { 'os-stop': null }, v238);
    await t.poll('until SHUTOFF', `compute GET /servers/${id}`, { ...v238, state: serverStatus, from: ['ACTIVE'], until: 'SHUTOFF' });
    await t.call('show stopped', `compute GET /servers/${id}`, undefined, v238);
    await t.call('stop a stopped server', path, { 'os-stop': null }, v238);
    await t.call('soft reboot of a stopped server', path, { reboot: { type: 'SOFT' } }, v238);
    await t.call('start', path, { 'os-start': null }, v238);
    await t.poll('until ACTIVE', `compute GET /servers/${id}`, { ...v238, state: serverStatus, from: ['SHUTOFF'], until: 'ACTIVE' });
    await t.call('reboot', path, { reboot: { type: 'SOFT' } }, v238);
    await t.poll('until ACTIVE again', `compute GET /servers/${id}`, { ...v238, state: serverStatus, from: [], until: 'ACTIVE', passing: ['REBOOT', 'ACTIVE'] });
    await t.call('reboot of a wrong kind', path, { reboot: { type: 'NICE' } }, v238);
    await t.call('console', path, { 'os-getConsoleOutput': { length: 5 } }, v238);
    await t.call('unknown action', path, JSON.parse(act({ dance: {} })) as unknown, v238);
    await t.call('action on no server', `compute POST /servers/${nobody}/action`, { 'os-start': null }, v238);
  } },
  { name: 'compute: refused servers', run: async (t, stage) => {
    const portId = await contractPort(t, stage, 'refused');
    const base = wantedServer(t, 'refused', portId);
    const attempt = (step: string, change: Record<string, unknown>, version = '2.53') => t.call(step, 'compute POST /servers', { server: { ...base, ...change } }, microversion(version));
    await attempt('unknown flavor', { flavorRef: nobody });
    await attempt('unknown image', { imageRef: nobody, block_device_mapping_v2: undefined });
    await attempt('unknown port', { networks: [{ port: nobody }] });
    await attempt('unknown network', { networks: [{ uuid: nobody }] });
    await attempt('unknown zone', { availability_zone: 'nowhere' });
    await attempt('unknown key', { key_name: t.name('nokey') });
    await attempt('no name', { name: undefined });
    await attempt('no flavor', { flavorRef: undefined });
    await attempt('no networks', { networks: undefined });
    await attempt('tags before 2.52', {}, '2.38');
    await t.call('no body', 'compute POST /servers', {}, v253);
    await t.call('show an unknown', `compute GET /servers/${nobody}`, undefined, v238);
    await t.call('delete an unknown', `compute DELETE /servers/${nobody}`, undefined, v238);
    await t.call('bad regular expression', 'compute GET /servers?name=%5B', undefined, v238);
    await t.call('unknown marker', `compute GET /servers?marker=${nobody}`, undefined, v238);
    await t.call('the port is still free', `network GET /v2.0/ports/${portId}`);
  } },
  { name: 'compute: key pairs', run: async (t) => {
    const v2 = microversion('2.2');
    const name = t.name('key');
    await t.call('import', 'compute POST /os-keypairs', { keypair: { name, public_key: key } }, v2);
    t.undo(`compute DELETE /os-keypairs/${name}`);
    await t.call('import again', 'compute POST /os-keypairs', { keypair: { name, public_key: key } }, v2);
    await t.call('not a key', 'compute POST /os-keypairs', { keypair: { name: t.name('bad'), public_key: 'no key' } }, v2);
    await t.call('show', `compute GET /os-keypairs/${name}`, undefined, v2);
    await t.call('delete', `compute DELETE /os-keypairs/${name}`, undefined, v2);
    await t.call('show the deleted', `compute GET /os-keypairs/${name}`, undefined, v2);
  } },
  { name: 'compute: server groups', run: async (t) => {
    const made = await t.call('create', 'compute POST /os-server-groups', { server_group: { name: t.name('group'), policies: ['soft-anti-affinity'] } }, v238);
    const id = at(made.body, 'server_group', 'id');
    t.undo(`compute DELETE /os-server-groups/${id}`);
    await t.call('show', `compute GET /os-server-groups/${id}`, undefined, v238);
    await t.call('show at 2.64', `compute GET /os-server-groups/${id}`, undefined, microversion('2.64'));
    await t.call('unknown policy', 'compute POST /os-server-groups', { server_group: { name: t.name('bad'), policies: ['together'] } }, v238);
    await t.call('delete', `compute DELETE /os-server-groups/${id}`, undefined, v238);
    await t.call('show the deleted', `compute GET /os-server-groups/${id}`, undefined, v238);
  } },
  { name: 'compute: quota', needs: ['admin'], run: async (t, stage) => {
    const stranger = await t.target.stranger();
    const network = at(await t.must('network POST /v2.0/networks', { network: { name: t.name('quota') } }, { as: 'stranger' }), 'network', 'id');
    t.undo(`network DELETE /v2.0/networks/${network} AS stranger`);
    await t.must('network POST /v2.0/subnets', { subnet: { network_id: network, ip_version: 4, cidr: '10.67.0.0/24' } }, { as: 'stranger' });
    await t.must(`compute PUT /os-quota-sets/${stranger.projectId}`, { quota_set: { instances: 0 } }, { as: 'admin' });
    const { networks: _, ...server } = wantedServer(t, 'quota', stage.groupId);
    await t.call('create beyond quota', 'compute POST /servers', { server: { ...server, networks: [{ uuid: network }] } }, { ...v253, as: 'stranger' });
    await t.call('limits', 'compute GET /limits', undefined, { ...v253, as: 'stranger' });
    await t.call('quota set', `compute GET /os-quota-sets/${stranger.projectId}`, undefined, { ...v253, as: 'stranger' });
    await t.must(`compute DELETE /os-quota-sets/${stranger.projectId}`, undefined, { as: 'admin' });
  } },
];

/** Volumes over real sockets: what reaches the storage and the hypervisor, and what is left when they refuse. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noOpHypervisor, noOpStorage } from '../../../sandbox/openstack/index.ts';
import { recorded, start, until, type Running } from './fixture.ts';

let calls: string[];
let running: Running;
let refuse: string | undefined;

beforeEach(async () => {
  calls = [];
  refuse = undefined;
  const note = (call: string): Promise<void> => {
    calls.push(call);
    return refuse !== undefined && call.startsWith(refuse) ? Promise.reject(new Error('no space left')) : Promise.resolve();
  };
  running = await start(recorded(), {
    delays: { scheduleMs: 1, loadBalancerMs: 1, volumeMs: 1 },
    hypervisor: {
      ...noOpHypervisor(), boot: (server) => note(`boot ${server.volumes?.map((one) => `${one.device}${one.isRoot ? ' root' : ''}`).join(', ') ?? ''}`),
      attachVolume: (_, volume) => note(`attach ${volume.device}`), detachVolume: () => note('detach'),
    },
    storage: {
      ...noOpStorage(), create: ({ sizeGb, from }) => note(`create ${sizeGb}${from ? ` from ${from.kind}` : ''}`), extend: (_, sizeGb) => note(`extend ${sizeGb}`),
      snapshot: () => note('snapshot'), remove: (kind) => note(`remove ${kind}`),
    },
  });
});
afterEach(() => running.stop());

type Json = Record<string, Record<string, never>>;
const call = async (service: 'volumev3' | 'compute' | 'network' | 'image', method: string, path: string, body?: object): Promise<Json> => (
  await running.member.call(service, method, path, body ? { body } : {}) as Json);
const statusOf = async (id: string): Promise<string> => (await call('volumev3', 'GET', `/volumes/${id}`))['volume']!['status']!;
const volume = async (given: object = {}): Promise<string> => {
  const id: string = (await call('volumev3', 'POST', '/volumes', { volume: { size: 1, ...given } }))['volume']!['id']!;
  await until('the volume is settled', async () => await statusOf(id) !== 'creating');
  return id;
};
const server = async (given: object): Promise<string> => {
  const flavorRef = (await call('compute', 'GET', '/flavors') as unknown as { flavors: { id: string }[] }).flavors[0]!.id;
  return (await call('compute', 'POST', '/servers', { server: { name: 'node', flavorRef, networks: 'none', ...given } }))['server']!['id']!;
};
const imageRef = async (): Promise<string> => (await call('image', 'GET', '/v2/images') as unknown as { images: { id: string }[] }).images[0]!.id;
const serverStatus = async (id: string): Promise<string> => (await call('compute', 'GET', `/servers/${id}`))['server']!['status']!;

describe('the storage', () => {
  test('makes, extends, copies and removes what the API is asked for', async () => {
    const id = await volume();
    await running.member.call('volumev3', 'POST', `/volumes/${id}/action`, { body: { 'os-extend': { new_size: 3 } } });
    await until('it is extended', async () => await statusOf(id) === 'available');
    await volume({ source_volid: id, size: 3 });
    await running.member.call('volumev3', 'DELETE', `/volumes/${id}`);
    await until('it is gone', () => running.cloud.state.cinder.volumes[id] === undefined);
    expect(calls).toEqual(['create 1', 'extend 3', 'create 3 from volume', 'remove volume']);
  });

  test.each([['create', 'error'], ['extend', 'error_extending'], ['remove', 'error_deleting']] as const)('that refuses to %s leaves the volume in %s, from which it can be deleted', async (what, status) => {
    refuse = what === 'create' ? what : undefined;
    const id = await volume();
    refuse = what;
    if (what === 'extend') await running.member.call('volumev3', 'POST', `/volumes/${id}/action`, { body: { 'os-extend': { new_size: 3 } } });
    if (what === 'remove') await running.member.call('volumev3', 'DELETE', `/volumes/${id}`);
    await until(`it is in ${status}`, async () => await statusOf(id) === status);
    refuse = undefined;
    await running.member.call('volumev3', 'DELETE', `/volumes/${id}`);
    await until('it is gone', () => running.cloud.state.cinder.volumes[id] === undefined);
  });
});

describe('the hypervisor', () => {
  test('boots a server with its volumes, the root first, and gets others while it runs', async () => {
    const root = await volume({ imageRef: await imageRef() });
    const etcd = await volume();
    const device = (uuid: string, index: number): object => ({ uuid, boot_index: index, source_type: 'volume', destination_type: 'volume', delete_on_termination: true });
    const id = await server({ block_device_mapping_v2: [device(etcd, -1), device(root, 0)] });
    await until('it runs', async () => await serverStatus(id) === 'ACTIVE');
    const data = await volume();
    await running.member.call('compute', 'POST', `/servers/${id}/os-volume_attachments`, { body: { volumeAttachment: { volumeId: data } } });
    await until('it is attached', async () => await statusOf(data) === 'in-use');
    expect(calls.filter((one) => /boot|attach/.test(one))).toEqual(['boot /dev/vda root, /dev/vdb', 'attach /dev/vdc']);
    await running.member.call('compute', 'DELETE', `/servers/${id}`);
    await until('the volumes that were made for it go with it', () => Object.keys(running.cloud.state.cinder.volumes).join() === data);
    expect(await statusOf(data)).toBe('available');
  });

  test('that does not attach leaves the volume available and the server without it', async () => {
    const id = await server({ imageRef: await imageRef() });
    await until('it runs', async () => await serverStatus(id) === 'ACTIVE');
    const data = await volume();
    refuse = 'attach';
    await running.member.call('compute', 'POST', `/servers/${id}/os-volume_attachments`, { body: { volumeAttachment: { volumeId: data } } });
    await until('it is free again', async () => await statusOf(data) === 'available');
    expect(await call('compute', 'GET', `/servers/${id}/os-volume_attachments`)).toEqual({ volumeAttachments: [] });
  });

  test('that does not detach leaves the volume attached, and it can be detached again', async () => {
    const id = await server({ imageRef: await imageRef() });
    await until('it runs', async () => await serverStatus(id) === 'ACTIVE');
    const data = await volume();
    await running.member.call('compute', 'POST', `/servers/${id}/os-volume_attachments`, { body: { volumeAttachment: { volumeId: data } } });
    await until('it is attached', async () => await statusOf(data) === 'in-use');
    refuse = 'detach';
    await running.member.call('compute', 'DELETE', `/servers/${id}/os-volume_attachments/${data}`);
    await until('it was tried', async () => calls.includes('detach') && await statusOf(data) === 'in-use');
    refuse = undefined;
    await running.member.call('compute', 'DELETE', `/servers/${id}/os-volume_attachments/${data}`);
    await until('it is free', async () => await statusOf(data) === 'available');
  });
});

test('a volume that would go with its server stays when there is a snapshot of it', async () => {
  const root = await volume({ imageRef: await imageRef() });
  const id = await server({ block_device_mapping_v2: [{ uuid: root, boot_index: 0, source_type: 'volume', destination_type: 'volume', delete_on_termination: true }] });
  await until('it runs', async () => await serverStatus(id) === 'ACTIVE');
  await running.member.call('volumev3', 'POST', '/snapshots', { body: { snapshot: { volume_id: root, force: true } } });
  await running.member.call('compute', 'DELETE', `/servers/${id}`);
  await until('the server is gone', () => running.cloud.state.nova.servers[id] === undefined);
  expect(await statusOf(root)).toBe('available');
});

test('a volume that was pending when the cloud stopped is settled by the next one', async () => {
  const id = await volume();
  running.cloud.state.cinder.volumes[id]!.status = 'deleting';
  const next = await start(recorded(), { state: running.cloud.state });
  await until('it is gone', () => next.cloud.state.cinder.volumes[id] === undefined);
  await next.stop();
});

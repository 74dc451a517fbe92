import { nobody, type Case } from '../case.ts';
import type { Recorder } from '../recorder.ts';
import { at, type Reply } from '../reply.ts';
import type { Stage } from '../stage.ts';
import { contractPort, microversion, runningServer, serverStatus, wantedServer } from './compute.ts';

const v253 = microversion('2.53');
const v264 = microversion('2.64');
const v271 = microversion('2.71');

async function group(t: Recorder, name: string, policy: string): Promise<string> {
  const id = at(await t.must('compute POST /os-server-groups', { server_group: { name: t.name(name), policies: [policy] } }, v253), 'server_group', 'id');
  t.undo(`compute DELETE /os-server-groups/${id}`);
  return id;
}

/** Makes a server of the group and waits until it is ACTIVE or ERROR. @returns its last state and where it is, as the administrator sees it */
async function member(t: Recorder, stage: Stage, o: { name: string; group: string; zone?: string }): Promise<{ id: string; status: string; host: string }> {
  const portId = await contractPort(t, stage, o.name);
  const { availability_zone: zone, ...server } = wantedServer(t, o.name, portId);
  void zone;
  const made = await t.must('compute POST /servers', { server: { ...server, ...(o.zone === undefined ? {} : { availability_zone: o.zone }) }, 'os:scheduler_hints': { group: o.group } }, v253);
  const id = at(made, 'server', 'id');
  t.undo(`compute DELETE /servers/${id}`);
  const shown = (): Promise<Reply> => t.quiet(`compute GET /servers/${id}`, undefined, { ...v253, as: 'admin' });
  for (;;) {
    const reply = await shown();
    const status = serverStatus(reply);
    if (status !== 'BUILD') return { id, status, host: at(reply.body, 'server', 'OS-EXT-SRV-ATTR:host') };
    await t.target.pause();
  }
}

export const schedulingCases: readonly Case[] = [
  { name: 'scheduling: anti-affinity', needs: ['admin'], run: async (t, stage) => {
    const id = await group(t, 'anti', 'anti-affinity');
    const first = await member(t, stage, { name: 'anti-1', group: id, zone: t.target.zone });
    const second = await member(t, stage, { name: 'anti-2', group: id });
    t.note('the second is on another host', String(first.host !== second.host));
    await t.call('the group', `compute GET /os-server-groups/${id}`, undefined, v264);
    await t.call('a member', `compute GET /servers/${first.id}`, undefined, v271);
    const { zone } = t.target;
    const third = await member(t, stage, { name: 'anti-3', group: id, zone });
    t.note('a third in the zone of the first', third.status);
    await t.call('no host for it', `compute GET /servers/${third.id}`, undefined, v253);
    await t.call('no host for it, to the administrator', `compute GET /servers/${third.id}`, undefined, { ...v253, as: 'admin' });
    await t.call('group deleted with its members', `compute DELETE /os-server-groups/${id}`, undefined, v253);
    await t.call('the member has no group', `compute GET /servers/${first.id}`, undefined, v271);
  } },
  { name: 'scheduling: affinity', needs: ['admin'], run: async (t, stage) => {
    const id = await group(t, 'near', 'affinity');
    const first = await member(t, stage, { name: 'near-1', group: id });
    const second = await member(t, stage, { name: 'near-2', group: id });
    t.note('both are on one host', String(first.host === second.host));
    const elsewhere = t.target.zones.find((zone) => !first.host.endsWith(zone)) ?? '';
    const third = await member(t, stage, { name: 'near-3', group: id, zone: elsewhere });
    t.note('a third in another zone', third.status);
  } },
  { name: 'scheduling: soft anti-affinity', needs: ['admin'], run: async (t, stage) => {
    const id = await group(t, 'soft', 'soft-anti-affinity');
    for (const n of [1, 2, 3]) await member(t, stage, { name: `soft-${n}`, group: id });
    const fourth = await member(t, stage, { name: 'soft-4', group: id });
    t.note('a fourth, where there are three hosts', fourth.status);
  } },
  { name: 'scheduling: refused', needs: ['admin'], run: async (t, stage) => {
    const portId = await contractPort(t, stage, 'sched');
    const server = wantedServer(t, 'sched', portId);
    await t.call('unknown group', 'compute POST /servers', { server, 'os:scheduler_hints': { group: nobody } }, v253);
    await t.call('group that is no id', 'compute POST /servers', { server, 'os:scheduler_hints': { group: 'mine' } }, v253);
    await t.call('groups of all', 'compute GET /os-server-groups?all_projects=1', undefined, v264);
    await t.call('rules of another policy', 'compute POST /os-server-groups', { server_group: { name: t.name('rules'), policy: 'affinity', rules: { max_server_per_host: 2 } } }, v264);
    await t.call('two policies', 'compute POST /os-server-groups', { server_group: { name: t.name('two'), policies: ['affinity', 'anti-affinity'] } }, v253);
    await t.call('policies since 2.64', 'compute POST /os-server-groups', { server_group: { name: t.name('old'), policies: ['affinity'] } }, v264);
    await t.call('no name', 'compute POST /os-server-groups', { server_group: { policies: ['affinity'] } }, v253);
    const made = await t.call('two per host', 'compute POST /os-server-groups', { server_group: { name: t.name('pair'), policy: 'anti-affinity', rules: { max_server_per_host: 2 } } }, v264);
    await t.call('list', 'compute GET /os-server-groups?limit=1', undefined, v264);
    t.undo(`compute DELETE /os-server-groups/${at(made.body, 'server_group', 'id')}`);
  } },
  { name: 'scheduling: hosts', needs: ['admin'], run: async (t) => {
    await t.call('services', 'compute GET /os-services', undefined, v253);
    await t.call('compute services', 'compute GET /os-services?binary=nova-compute', undefined, { ...v253, as: 'admin' });
    await t.call('zones with hosts', 'compute GET /os-availability-zone/detail', undefined, { ...v253, as: 'admin' });
    await t.call('zones with hosts to a member', 'compute GET /os-availability-zone/detail', undefined, v253);
    await t.call('aggregates', 'compute GET /os-aggregates', undefined, { ...v253, as: 'admin' });
    await t.call('hypervisors to a member', 'compute GET /os-hypervisors', undefined, v253);
  } },
  { name: 'scheduling: a zone without a host', needs: ['admin'], run: async (t, stage) => {
    const services = (await t.must('compute GET /os-services?binary=nova-compute', undefined, { ...v253, as: 'admin' }))['services'] as { id: string; zone: string }[];
    const last = services.find((one) => one.zone === t.target.zones.at(-1));
    const set = (status: string) => t.must(`compute PUT /os-services/${last?.id ?? ''}`, { status }, { ...v253, as: 'admin' });
    try {
      await set('disabled');
      await t.call('zones', 'compute GET /os-availability-zone', undefined, v253);
      const portId = await contractPort(t, stage, 'empty-zone');
      await t.call('a server there', 'compute POST /servers', { server: { ...wantedServer(t, 'empty-zone', portId), availability_zone: last?.zone } }, v253);
    } finally {
      await set('enabled');
    }
  } },
  { name: 'scheduling: more than any host has', needs: ['admin'], run: async (t, stage) => {
    const admin = { as: 'admin' as const };
    const made = await t.call('a flavor of a member', 'compute POST /flavors', { flavor: { name: t.name('mine'), vcpus: 1, ram: 512, disk: 1 } });
    void made;
    const flavor = await t.call('a huge flavor', 'compute POST /flavors', { flavor: { name: t.name('huge'), vcpus: 2, ram: 900_000, disk: 1 } }, { ...admin, ...v253 });
    const flavorId = at(flavor.body, 'flavor', 'id');
    const portId = await contractPort(t, stage, 'huge');
    const created = await t.call('a server of it', 'compute POST /servers', { server: { ...wantedServer(t, 'huge', portId), flavorRef: flavorId } }, v253);
    const id = at(created.body, 'server', 'id');
    t.undo(`compute DELETE /servers/${id}`);
    await t.poll('until ERROR', `compute GET /servers/${id}`, { ...v253, state: serverStatus, from: ['BUILD'], until: 'ERROR' });
    await t.call('show', `compute GET /servers/${id}`, undefined, v253);
    await t.call('its port', `network GET /v2.0/ports/${portId}`);
    await t.call('delete the flavor', `compute DELETE /flavors/${flavorId}`, undefined, admin);
    await t.call('delete the flavor again', `compute DELETE /flavors/${flavorId}`, undefined, admin);
  } },
  { name: 'compute: soft delete', needs: ['admin'], run: async (t, stage) => {
    const { id } = await runningServer(t, stage, 'ghost');
    await t.must(`compute DELETE /servers/${id}`);
    await t.poll('until gone', `compute GET /servers/${id}`, { ...v253, state: serverStatus, until: '404', passing: ['ACTIVE', 'DELETED'] });
    const name = t.name('ghost');
    await t.call('a member asks for deleted ones', `compute GET /servers?deleted=true&name=${name}`, undefined, v253);
    await t.call('the administrator asks for deleted ones', `compute GET /servers/detail?deleted=true&all_tenants=1&name=${name}`, undefined, { ...v253, as: 'admin' });
    await t.call('the administrator asks for those that are left', `compute GET /servers/detail?deleted=false&all_tenants=1&name=${name}`, undefined, { ...v253, as: 'admin' });
    await t.call('the administrator shows it', `compute GET /servers/${id}`, undefined, { ...v253, as: 'admin' });
    await t.call('a member asks by status', `compute GET /servers?status=DELETED&name=${name}`, undefined, v253);
    await t.call('changed since', `compute GET /servers?changes-since=2020-01-01T00:00:00Z&name=${name}`, undefined, v253);
  } },
];

import { nobody, type Case } from '../case.ts';
import type { Recorder } from '../recorder.ts';
import { at } from '../reply.ts';
import type { Stage } from '../stage.ts';

async function port(t: Recorder, stage: Stage, name: string): Promise<string> {
  const id = at(await t.must('network POST /v2.0/ports', { port: { name: t.name(name), network_id: stage.networkId } }), 'port', 'id');
  t.undo(`network DELETE /v2.0/ports/${id}`);
  return id;
}

export const trunkCases: readonly Case[] = [
  { name: 'network: trunks', run: async (t, stage) => {
    const parent = await port(t, stage, 'parent');
    const child = await port(t, stage, 'child');
    const other = await port(t, stage, 'other');
    await t.call('none of this port', `network GET /v2.0/trunks?port_id=${parent}`);
    const made = await t.call('create', 'network POST /v2.0/trunks', { trunk: { name: t.name('trunk'), description: 'contract', port_id: parent } });
    const id = at(made.body, 'trunk', 'id');
    t.undo(`network DELETE /v2.0/trunks/${id}`);
    await t.call('replace tags', `network PUT /v2.0/trunks/${id}/tags`, { tags: ['b', 'a'] });
    await t.call('list by name', `network GET /v2.0/trunks?name=${t.name('trunk')}`);
    await t.call('list by port', `network GET /v2.0/trunks?port_id=${parent}`);
    await t.call('show', `network GET /v2.0/trunks/${id}`);
    await t.call('the parent port', `network GET /v2.0/ports/${parent}`);
    await t.call('a second trunk on the port', 'network POST /v2.0/trunks', { trunk: { port_id: parent } });
    await t.call('a trunk on no port', 'network POST /v2.0/trunks', { trunk: { port_id: nobody } });
    await t.call('a trunk without a port', 'network POST /v2.0/trunks', { trunk: { name: t.name('none') } });
    await t.call('subports of it', `network GET /v2.0/trunks/${id}/get_subports`);
    await t.call('add a subport', `network PUT /v2.0/trunks/${id}/add_subports`, { sub_ports: [{ port_id: child, segmentation_type: 'vlan', segmentation_id: 101 }] });
    await t.call('show with a subport', `network GET /v2.0/trunks/${id}`);
    await t.call('the child port', `network GET /v2.0/ports/${child}`);
    await t.call('the parent port with a subport', `network GET /v2.0/ports/${parent}`);
    await t.call('the same port again', `network PUT /v2.0/trunks/${id}/add_subports`, { sub_ports: [{ port_id: child, segmentation_type: 'vlan', segmentation_id: 102 }] });
    await t.call('the same VLAN again', `network PUT /v2.0/trunks/${id}/add_subports`, { sub_ports: [{ port_id: other, segmentation_type: 'vlan', segmentation_id: 101 }] });
    await t.call('the parent as a subport', `network PUT /v2.0/trunks/${id}/add_subports`, { sub_ports: [{ port_id: parent, segmentation_type: 'vlan', segmentation_id: 103 }] });
    await t.call('without a VLAN', `network PUT /v2.0/trunks/${id}/add_subports`, { sub_ports: [{ port_id: other }] });
    await t.call('a VLAN too high', `network PUT /v2.0/trunks/${id}/add_subports`, { sub_ports: [{ port_id: other, segmentation_type: 'vlan', segmentation_id: 5000 }] });
    const used = await port(t, stage, 'used');
    await t.must(`network PUT /v2.0/ports/${used}`, { port: { device_id: 'a-device' } });
    await t.call('the port of a device', `network PUT /v2.0/trunks/${id}/add_subports`, { sub_ports: [{ port_id: used, segmentation_type: 'vlan', segmentation_id: 104 }] });
    await t.call('an unknown port', `network PUT /v2.0/trunks/${id}/add_subports`, { sub_ports: [{ port_id: nobody, segmentation_type: 'vlan', segmentation_id: 104 }] });
    await t.call('subports now', `network GET /v2.0/trunks/${id}/get_subports`);
    await t.call('delete the parent port', `network DELETE /v2.0/ports/${parent}`);
    await t.call('delete the child port', `network DELETE /v2.0/ports/${child}`);
    await t.call('rename', `network PUT /v2.0/trunks/${id}`, { trunk: { name: t.name('renamed'), admin_state_up: false } });
    await t.call('remove a subport while down', `network PUT /v2.0/trunks/${id}/remove_subports`, { sub_ports: [{ port_id: child }] });
    await t.must(`network PUT /v2.0/trunks/${id}`, { trunk: { admin_state_up: true } });
    await t.call('remove an unknown subport', `network PUT /v2.0/trunks/${id}/remove_subports`, { sub_ports: [{ port_id: other }] });
    await t.call('remove the subport', `network PUT /v2.0/trunks/${id}/remove_subports`, { sub_ports: [{ port_id: child }] });
    await t.call('delete', `network DELETE /v2.0/trunks/${id}`);
    await t.call('show the deleted', `network GET /v2.0/trunks/${id}`);
    await t.call('delete again', `network DELETE /v2.0/trunks/${id}`);
  } },
];

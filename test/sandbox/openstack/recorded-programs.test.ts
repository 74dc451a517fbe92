/**
 * What the OpenStack cloud controller manager and the controller of Cinder CSI asked of a real OpenStack (test/openstack/programs), asked again of the simulation:
 * equal status, equal headers, equal keys and types of the answer, equal kind of refusal.
 */
import { stringify } from 'yaml';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseClouds } from '../../../provisioner/openstack/index.ts';
import { loginBody } from '../../../provisioner/openstack/login.ts';
import { programNames, readRecording } from '../../openstack/programs/recordings.ts';
import { Replay } from '../../openstack/programs/replay.ts';
import { recorded, start, until, type Running } from './fixture.ts';

let running: Running;

beforeEach(async () => { running = await start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1, volumeMs: 1 } }); });
afterEach(() => running.stop());

describe.each(programNames)('the recording of %s', (name) => {
  test('is answered again as it was', async () => {
    const replay = new Replay(running.member, loginBody(parseClouds(stringify(running.cloud.clouds()), 'keelson')));
    const found: string[] = [];
    for (const call of readRecording(name)) {
      await settled();
      found.push(...await replay.again(call));
    }
    expect([...new Set(found)]).toEqual([]);
  });
});

/** Programs wait between their calls until what they asked for is there. */
async function settled(): Promise<void> {
  const { octavia, nova, neutron, cinder } = running.cloud.state;
  const isAtWork = (): boolean => Object.values(octavia.loadBalancers).some(({ provisioning_status: status }) => status.startsWith('PENDING'))
    || Object.values(nova.servers).some(({ vmState, taskState }) => vmState === 'building' || taskState !== null)
    || Object.values(neutron.floatingIps).some(({ port_id: port, status }) => port !== null && status !== 'ACTIVE')
    || [...Object.values(cinder.volumes), ...Object.values(cinder.snapshots)].some(({ status }) => /ing$/.test(status));
  await until('the cloud has settled', () => !isAtWork());
}

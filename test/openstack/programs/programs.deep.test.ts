/** Real programs before the simulation: they live through what they lived through when they were recorded, and ask the same. */
import { stringify } from 'yaml';
import { expect, test } from '@jest/globals';
import { createCloud, noOpFabric, noOpHypervisor } from '../../../sandbox/openstack/index.ts';
import { apiServerNeeds } from '../../fixtures/api-server.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { claimInOtherZones } from './cinder-csi-life.ts';
import { recordProgram } from './ground.ts';
import { programs } from './programs.ts';
import { kindsOf } from './recorded-call.ts';
import { programNames, readKinds } from './recordings.ts';

describeWith({ tools: [...apiServerNeeds.tools, 'openstack-cloud-controller-manager', 'cinder-csi-plugin'] }, 'before the simulation', () => {
  const newCloud = () => {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    return createCloud({ fabric: noOpFabric(), hypervisor: noOpHypervisor(), log, listen: { host: '127.0.0.1', ports: { identity: 0, compute: 0, network: 0, image: 0, 'load-balancer': 0, volumev3: 0 } } });
  };

  test('where Cinder has other zones than Nova, a claim gets a volume from a driver that knows no zones, and from no other', async () => {
    const cloud = newCloud();
    cloud.state.cinder.zones.splice(0, 3, 'nova');
    await cloud.start();
    try {
      await recordProgram({ cloudsYaml: stringify(cloud.clouds()), entry: 'keelson' }, claimInOtherZones);
    } finally {
      await cloud.stop();
    }
  }, 300_000);

  test.each(programNames)('%s makes the calls that were recorded of it', async (name) => {
    const cloud = newCloud();
    await cloud.start();
    try {
      const calls = await recordProgram({ cloudsYaml: stringify(cloud.clouds()), entry: 'keelson' }, programs[name]);
      expect(kindsOf(calls)).toEqual(readKinds(name));
    } finally {
      await cloud.stop();
    }
  }, 900_000);
});

/** Real programs before the simulation: they live through what they lived through when they were recorded, and ask the same. */
import { stringify } from 'yaml';
import { expect, test } from '@jest/globals';
import { createCloud, noOpFabric, noOpHypervisor } from '../../../sandbox/openstack/index.ts';
import { apiServerNeeds } from '../../fixtures/api-server.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { recordProgram } from './ground.ts';
import { programs } from './programs.ts';
import { kindsOf } from './recorded-call.ts';
import { programNames, readKinds } from './recordings.ts';

describeWith({ tools: [...apiServerNeeds.tools, 'openstack-cloud-controller-manager', 'cinder-csi-plugin'] }, 'before the simulation', () => {
  test.each(programNames)('%s makes the calls that were recorded of it', async (name) => {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const cloud = createCloud({ fabric: noOpFabric(), hypervisor: noOpHypervisor(), log, listen: { host: '127.0.0.1', ports: { identity: 0, compute: 0, network: 0, image: 0, 'load-balancer': 0, volumev3: 0 } } });
    await cloud.start();
    try {
      const calls = await recordProgram({ cloudsYaml: stringify(cloud.clouds()), entry: 'keelson' }, programs[name]);
      expect(kindsOf(calls)).toEqual(readKinds(name));
    } finally {
      await cloud.stop();
    }
  }, 900_000);
});

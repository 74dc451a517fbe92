/**
 * Records what real programs ask of a cloud and what it answers, to `recorded/`.
 *
 *   node test/openstack/programs/main.ts --lab                 the lab that runs (test/openstack/main.ts --lab --keep starts it)
 *   node test/openstack/programs/main.ts --simulation          the simulated cloud: says what kinds of calls there are; --record writes them
 *   … --only cinder-csi
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { createCloud, noOpFabric, noOpHypervisor } from '../../../sandbox/openstack/index.ts';
import { recordProgram, type CloudOfPrograms } from './ground.ts';
import { programs } from './programs.ts';
import { kindsOf, type RecordedCall } from './recorded-call.ts';
import { kindsFile, programNames, recordingFile, type ProgramName } from './recordings.ts';

const { values: flags } = parseArgs({ options: { lab: { type: 'boolean' }, simulation: { type: 'boolean' }, record: { type: 'boolean' }, only: { type: 'string' } } });
if (flags.lab === flags.simulation) throw new Error('say where: --lab or --simulation');
const chosen = programNames.filter((name) => flags.only === undefined || name === flags.only);

if (flags.lab) {
  const state = process.env['LAB_STATE'] ?? '/var/tmp/keelson-openstack-lab';
  const lab = { cloudsYaml: await readFile(join(state, 'clouds.yaml'), 'utf8'), entry: 'lab' };
  await record(lab, async (name, calls) => {
    await writeFile(recordingFile(name), `[\n${calls.map((call) => JSON.stringify(call)).join(',\n')}\n]\n`);
    await writeKinds(name, calls);
  });
} else {
  const log = { info: () => undefined, warn: console.error, error: console.error };
  const cloud = createCloud({ fabric: noOpFabric(), hypervisor: noOpHypervisor(), log, listen: { host: '127.0.0.1', ports: { identity: 0, compute: 0, network: 0, image: 0, 'load-balancer': 0, volumev3: 0 } } });
  await cloud.start();
  try {
    await record({ cloudsYaml: stringify(cloud.clouds()), entry: 'keelson' }, flags.record ? writeKinds : () => Promise.resolve());
  } finally {
    await cloud.stop();
  }
}

async function record(cloud: CloudOfPrograms, keep: (name: ProgramName, calls: readonly RecordedCall[]) => Promise<void>): Promise<void> {
  for (const name of chosen) {
    const calls = await recordProgram(cloud, programs[name]);
    await keep(name, calls);
    const kinds = kindsOf(calls);
    console.log(`${name}: ${kinds.length} kinds of calls\n${kinds.map((kind) => `  ${kind}`).join('\n')}`);
  }
}

function writeKinds(name: ProgramName, calls: readonly RecordedCall[]): Promise<void> {
  return writeFile(kindsFile(name), `${JSON.stringify(kindsOf(calls), undefined, 1)}\n`);
}

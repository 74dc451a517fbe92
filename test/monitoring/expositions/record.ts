/**
 * Records what real programs expose, for the test of the catalogue: `node test/monitoring/expositions/record.ts [source …]`.
 * Sources: loopback, cluster-api, operator, cloud-controller, machines (needs root); all of them when none is named.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { familiesOf, type Exposition } from './exposition.ts';
import { loopback } from './sources/loopback.ts';
import { machines } from './sources/machines.ts';
import { cloudController, clusterApi, operator } from './sources/management.ts';
import type { Source } from './sources/source.ts';

const sources: Readonly<Record<string, Source>> = { loopback, 'cluster-api': clusterApi, operator, 'cloud-controller': cloudController, machines };

const names = process.argv.slice(2);
const unknown = names.find((name) => !sources[name]);
if (unknown !== undefined) {
  console.error(`no source ${unknown}; there are ${Object.keys(sources).join(', ')}`);
  process.exit(2);
}
for (const name of names.length ? names : Object.keys(sources)) {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-record-'));
  try {
    for (const { component, version, text } of (await sources[name]?.(folder)) ?? []) {
      const exposition: Exposition = { component, version, families: familiesOf(text) };
      await writeFile(join(import.meta.dirname, 'recorded', `${component}.json`), `${asLines(exposition)}\n`);
      console.log(`${component} ${version}: ${Object.keys(exposition.families).length} families`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
process.exit(0);

/** A line for each family, so that a difference of versions can be read. */
function asLines({ component, version, families }: Exposition): string {
  const lines = Object.entries(families).map(([name, family]) => `    ${JSON.stringify(name)}: ${JSON.stringify(family)}`);
  return `{\n  "component": ${JSON.stringify(component)},\n  "version": ${JSON.stringify(version)},\n  "families": {\n${lines.join(',\n')}\n  }\n}`;
}

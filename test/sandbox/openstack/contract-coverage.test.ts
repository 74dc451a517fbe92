/** The contract suite's record against the calls of the simulation's main clients. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cinderCsiCalls, cloudControllerCalls, clusterApiCalls } from '../../openstack/calls.ts';
import { cases } from '../../openstack/cases.ts';
import type { Observation } from '../../openstack/observation.ts';
import { programNames, readKinds } from '../../openstack/programs/recordings.ts';

const folder = join(import.meta.dirname, '../../openstack/observed');
let observations: Observation[];
let made: Set<string>;

beforeAll(async () => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  observations = await Promise.all(files.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as Observation));
  made = new Set(observations.flatMap((one) => one.steps).flatMap((step) => ('request' in step ? [pattern(step.request, step.status)] : [])));
});

/** `GET /v2.0/ports?device_id 200`; pages and fields are left out. */
function pattern(request: string, status: number): string {
  const [method = '', target = ''] = request.split(/ (.*)/s);
  const [path = '', query = ''] = target.split('?');
  const names = [...new Set(query.split('&').map((part) => part.split('=')[0]!.replace('%3A', ':')))].filter((name) => name !== '' && name !== 'limit' && name !== 'fields').sort();
  return `${method} ${path.replace(/<(uuid|id)>/g, '{id}')}${names.length > 0 ? `?${names.join('&')}` : ''} ${status}`;
}

describe('the contract suite makes', () => {
  test.each(clusterApiCalls)('%s, as Cluster API does', (call) => expect(made).toContain(call));
  test.each(cinderCsiCalls)('%s, as Cinder CSI does', (call) => expect(made).toContain(call));
  test.each(cloudControllerCalls)('%s, as the cloud controller manager does', (call) => expect(made).toContain(call));
  test.each(programNames)('every call that was recorded of %s', (name) => {
    // The contract's requests do not say of which service.
    const asked = readKinds(name).map((kind) => kind.replace(/^\S+ /, ''));
    expect(asked.filter((call) => !made.has(call))).toEqual([]);
  });
});

test('every case was observed on the lab, and no record is of a case that is gone', () => {
  expect(observations.map((one) => one.case).sort()).toEqual(cases.map((one) => one.name).sort());
});

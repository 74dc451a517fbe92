/** What charts are told because this is one small machine: how closely a fleet is watched, what it leaves out. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { upstreamChartFolder } from '../../../charts/render/upstream/charts.ts';
import { mergeValues, type Values } from '../../../provisioner/helm/index.ts';
import { managementValues } from '../../../sandbox/fleet/chart-values.ts';
import { driverValues } from '../../../sandbox/fleet/volumes.ts';
import { matchImage } from '../../../sandbox/images/images.ts';

const intervals = (clusters: number): Set<string> => new Set([...JSON.stringify(managementValues(clusters)).matchAll(/nterval(?:Seconds)?":"?(\w+)/g)].map(([, interval = '']) => interval));

test('one or two clusters are looked at every few seconds', () => {
  expect(intervals(1)).toEqual(new Set(['5s', '15s', '2']));
  expect(intervals(2)).toEqual(intervals(1));
});

test('of more no component is asked more often than every fifteen seconds; pages leave as soon', () => {
  expect(intervals(3)).toEqual(new Set(['15s', '30s', '15', '5s']));
  const { monitoring } = managementValues(3);
  expect(monitoring['routing']).toEqual(managementValues(1).monitoring['routing']);
});

test('a fleet with volumes leaves nothing of Cinder CSI out, and has only images that the sandbox knows', async () => {
  const leftOut = (hasVolumes: boolean): string[] => Object.keys((managementValues(1, { hasVolumes }).keelson['bundle'] as { leaveOut: object }).leaveOut);
  expect([leftOut(true), leftOut(false)]).toEqual([['cilium'], ['cilium', 'snapshot-controller', 'openstack-cinder-csi']]);
  const chart = await upstreamChartFolder('openstack-cinder-csi', process.env);
  const values = mergeValues(load(await readFile(join(chart, 'values.yaml'), 'utf8')) as Values, driverValues);
  const { appVersion } = load(await readFile(join(chart, 'Chart.yaml'), 'utf8')) as { appVersion: string };
  const images = Object.values(values['csi'] as Record<string, { image: { repository: string; tag: string | null } }>).map(({ image }) => `${image.repository}:${image.tag ?? appVersion}`);
  expect(images).toHaveLength(7);
  for (const image of images) expect(matchImage(image)).toMatchObject({ kind: 'tool' });
});

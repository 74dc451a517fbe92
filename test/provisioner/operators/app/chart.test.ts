import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findChart, releaseDigest } from '../../../../provisioner/operators/app/chart.ts';
import { configMap, tempFolder, writeChart } from '../../helm/charts.ts';

let charts: string;
beforeEach(async () => {
  charts = await tempFolder();
  await writeChart(charts, 'web', { 'a.yaml': configMap });
});
afterEach(() => rm(charts, { recursive: true }));

describe('findChart', () => {
  it('finds a chart by name, with the version it has', async () => {
    expect(await findChart(charts, { chart: 'web' })).toMatchObject({ path: join(charts, 'web'), version: '0.1.0' });
    expect(await findChart(charts, { chart: 'web', version: '0.1.0' })).toMatchObject({ version: '0.1.0' });
  });

  it.each([{ chart: 'none' }, { chart: '../web' }, { chart: '' }, { chart: 'web', version: '9.9.9' }, { chart: 'oci://r.test/x' }])('refuses %j', async (spec) => {
    await expect(findChart(charts, spec)).rejects.toMatchObject({ code: 'CHART_NOT_FOUND' });
  });

  it('passes an OCI reference on', async () => {
    expect(await findChart(charts, { chart: 'oci://r.test/x', version: '1.2.3' })).toMatchObject({ path: 'oci://r.test/x', fetchVersion: '1.2.3' });
  });

  it('has another digest when any file of the chart is another', async () => {
    const before = await findChart(charts, { chart: 'web' });
    expect((await findChart(charts, { chart: 'web' })).digest).toBe(before.digest);
    await writeFile(join(charts, 'web/templates/a.yaml'), `${configMap}\n`);
    expect((await findChart(charts, { chart: 'web' })).digest).not.toBe(before.digest);
  });
});

describe('releaseDigest', () => {
  const chart = { path: '/c', version: '1', digest: 'd' };
  const of = (values: unknown, release = 'r') => releaseDigest(chart, { release, namespace: 'n', values });

  it('does not mind the order of keys', () => {
    expect(of({ a: 1, b: { c: 2, d: [1, 2] } })).toBe(of({ b: { d: [1, 2], c: 2 }, a: 1 }));
  });

  it('minds values, the order of lists, and the release', () => {
    expect(new Set([of({ a: 1 }), of({ a: '1' }), of({ a: [1, 2] }), of({ a: [2, 1] }), of({ a: 1 }, 'other')]).size).toBe(5);
  });
});

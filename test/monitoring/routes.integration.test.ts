import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { alertmanagerConfig, defaultRouting, renderRouting } from '../../monitoring/routes/config.ts';
import type { AlertmanagerConfig } from '../../monitoring/routes/model.ts';
import { parseRouting } from '../../monitoring/routes/routing.ts';
import { receiversOf } from '../../monitoring/routes/walk.ts';
import { alertsOf, ruleGroups } from '../../monitoring/rules/index.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';
import { wholeRouting } from './whole-routing.ts';

const routings: Record<string, AlertmanagerConfig> = {
  'of the chart, without addresses': alertmanagerConfig(defaultRouting),
  'of the chart': alertmanagerConfig({ ...defaultRouting, pagerUrl: 'http://pager.example/hook', noticesUrl: 'http://notices.example/hook', heartbeatUrl: 'http://heartbeat.example/x' }),
  'with everything': renderRouting(parseRouting(wholeRouting)),
};

describeWith({ tools: ['amtool'] }, 'amtool', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'routes-'))));
  afterAll(() => rm(folder, { recursive: true }));
  const amtool = (...args: string[]): { status: number | null; output: string } => {
    const { status, stdout, stderr } = spawnSync(join(toolsBin, 'amtool'), args, { encoding: 'utf8' });
    return { status, output: stdout + stderr };
  };
  const file = async (config: AlertmanagerConfig): Promise<string> => {
    await writeFile(join(folder, 'alertmanager.yaml'), stringify(config, { version: '1.1' }));
    return join(folder, 'alertmanager.yaml');
  };

  test.each(Object.entries(routings))('takes the configuration %s', async (_, config) => {
    expect(amtool('check-config', await file(config))).toMatchObject({ status: 0 });
  });

  test('sends alerts where our own walk of the tree does', async () => {
    const config = routings['with everything']!;
    const path = await file(config);
    const names = alertsOf(ruleGroups);
    const labels = fc.record({
      own: fc.constantFrom(...names.map(({ alert: alertname, severity, team, area }) => ({ alertname, severity, team, area })), { severity: 'other' }),
      more: fc.record({ pipeline: fc.constantFrom('testing', 'stable'), organization: fc.constantFrom('acme', 'other'), contact: fc.constant('ops@other.example'), cluster_id: fc.constantFrom('demo', 'a-b') }, { requiredKeys: [] }),
    }).map(({ own, more }) => ({ ...own, ...more }) as Record<string, string>);
    const runs = process.env['KEELSON_DEEP'] ? 1000 : 60;
    fc.assert(fc.property(labels, (alert) => {
      const { output } = amtool('config', 'routes', 'test', `--config.file=${path}`, ...Object.entries(alert).map(([label, value]) => `${label}=${JSON.stringify(value)}`));
      expect(output.trim().split(',')).toEqual(receiversOf(config.route, alert));
    }), { numRuns: runs });
  }, 120_000);
});

/** Our own charts by our own lint: what it finds is meant, with a reason, and nothing else is found. */
import { readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { nameOf } from '../../../policies/findings/finding.ts';
import { lintArithmetic } from '../../../policies/tenancy/lint/arithmetic.ts';
import { lintEscalation, type Allowance } from '../../../policies/tenancy/lint/escalation.ts';
import { chartPath, template } from '../../fixtures/helm.ts';
import { describeWith } from '../../fixtures/needs.ts';

describeWith({ tools: ['helm'] }, 'the charts of this tree', () => {
  test('keep to quotas, budgets and rights', async () => {
    const names = (await readdir(chartPath(''))).filter((name) => existsSync(join(chartPath(name), 'Chart.yaml')));
    const inputs = (await Promise.all(names.map((name) => template(name, 'keelson-system')))).flat().map((object) => ({ object }));
    const allowed = parse(await readFile(join(import.meta.dirname, 'allowed-rights.yaml'), 'utf8')) as Allowance[];
    const roles = inputs.filter(({ object }) => !/^keelson-(editor|admin)-base$/.test(object.metadata.name));
    const found = [...lintArithmetic(inputs, { nodes: 3, platformNamespaces: ['keelson-system', 'kube-system', 'default'] }), ...lintEscalation(roles, { allowed, groupPrefixes: ['oidc:'] })];
    console.log(`${names.length} charts, ${inputs.length} objects, ${allowed.length} rights with a reason`);
    expect(found.map(({ object, rule, path, message }) => `${nameOf(object)} ${rule} ${path} ${message}`)).toEqual([]);
  }, 120_000);
});

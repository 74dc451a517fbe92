/** Our own charts by our own lint: what it finds is meant, with a reason, and nothing else is found. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { nameOf } from '../../../policies/findings/finding.ts';
import { lintArithmetic } from '../../../policies/tenancy/lint/arithmetic.ts';
import { lintEscalation, type Allowance } from '../../../policies/tenancy/lint/escalation.ts';
import { chartNames, template, type Manifest } from '../../fixtures/helm.ts';
import { describeWith } from '../../fixtures/needs.ts';

describeWith({ tools: ['helm'] }, 'the charts of this tree', () => {
  test('keep to quotas, budgets and rights', async () => {
    const names = chartNames();
    const rendered = (await Promise.all(names.map((name) => template(name, 'keelson-system')))).flat();
    const inputs = [...rendered, ...rendered.flatMap(madeByPrometheusOperator)].map((object) => ({ object }));
    const allowed = parse(await readFile(join(import.meta.dirname, 'allowed-rights.yaml'), 'utf8')) as Allowance[];
    const roles = inputs.filter(({ object }) => !/^keelson-(editor|admin)-base$/.test(object.metadata.name));
    const found = [...lintArithmetic(inputs, { nodes: 3, platformNamespaces: ['keelson-system', 'kube-system', 'default'] }), ...lintEscalation(roles, { allowed, groupPrefixes: ['oidc:'] })];
    console.log(`${names.length} charts, ${inputs.length} objects, ${allowed.length} rights with a reason`);
    expect(found.map(({ object, rule, path, message }) => `${nameOf(object)} ${rule} ${path} ${message}`)).toEqual([]);
  }, 120_000);
});

/** The StatefulSets that prometheus-operator makes of its own kinds, as far as a budget looks at them: the labels of their pods (its Documentation/api-reference, podMetadata). */
function madeByPrometheusOperator({ kind, apiVersion, metadata, spec }: Manifest): Manifest[] {
  if (!apiVersion.startsWith('monitoring.coreos.com/') || (kind !== 'Prometheus' && kind !== 'Alertmanager')) return [];
  const labels = { 'app.kubernetes.io/name': kind.toLowerCase(), 'app.kubernetes.io/instance': metadata.name };
  const { replicas } = spec as { replicas?: number };
  return [{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: `${kind.toLowerCase()}-${metadata.name}`, namespace: metadata.namespace ?? 'keelson-system' }, spec: { replicas, template: { metadata: { labels }, spec: { containers: [] } } } }];
}

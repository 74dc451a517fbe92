import { expect, test } from '@jest/globals';
import type { Finding } from '../../../policies/findings/finding.ts';
import { sarif } from '../../../policies/findings/sarif.ts';

const finding: Finding = {
  object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'org-demo', name: 'web' },
  path: 'spec.replicas',
  rule: 'quota/exceeded',
  severity: 'error',
  message: 'asks for 4 cores of 2',
  fix: 'Raise the quota or ask for less.',
  source: { file: 'apps/my web.yaml', line: 12 },
};
interface Sarif { runs: { tool: { driver: { rules: { id: string }[] } }; results: { ruleId: string; ruleIndex?: number; level: string; message: { text: string }; locations: { physicalLocation?: object; logicalLocations: { fullyQualifiedName: string }[] }[] }[] }[] }
const write = (findings: Finding[]): Sarif => sarif({ tool: 'keelson policy tenancy', version: '0.1.0', rules: { 'budget/blocks-drain': 'a', 'quota/exceeded': 'b' }, findings }) as Sarif;

test('a finding names file, line, object and what to do', () => {
  const [result] = write([finding]).runs[0]!.results;
  expect(result).toMatchObject({ ruleId: 'quota/exceeded', ruleIndex: 1, level: 'error' });
  expect(result!.message.text).toBe('Deployment org-demo/web, spec.replicas: asks for 4 cores of 2. Raise the quota or ask for less.');
  expect(result!.locations[0]).toMatchObject({ physicalLocation: { artifactLocation: { uri: 'apps/my%20web.yaml' }, region: { startLine: 12 } } });
});

test('rules without findings are listed as checked', () => {
  expect(write([]).runs[0]!.tool.driver.rules.map(({ id }) => id)).toEqual(['budget/blocks-drain', 'quota/exceeded']);
});

test('what came from standard input has no file', () => {
  const [result] = write([{ ...finding, source: { file: '-' } }]).runs[0]!.results;
  expect(result!.locations[0]!.physicalLocation).toBeUndefined();
  expect(result!.locations[0]!.logicalLocations[0]!.fullyQualifiedName).toBe('Deployment org-demo/web.spec.replicas');
});

import { catalogue } from '../../../policies/network/contracts/catalogue.ts';
import { generate } from '../../../policies/network/generate/bundle.ts';
import { matrix } from '../../../policies/network/matrix/matrix.ts';
import { svgMatrix } from '../../../policies/network/matrix/svg.ts';
import { terminalMatrix } from '../../../policies/network/matrix/terminal.ts';
import { createSimulator } from '../../../policies/network/simulator/index.ts';
import { standInWorld } from '../../../policies/network/world/stand-ins.ts';
import { expectGolden } from './golden.ts';

const contracts = catalogue();
const tenants = ['org-demo'];
const world = standInWorld(contracts, { tenants });
const { policies } = generate(contracts, { hosts: 'enforce', tenants });
const result = matrix(world, policies, contracts);

describe('the matrix of who reaches whom', () => {
  test('reads in a terminal as in the golden file', () => {
    expectGolden('matrix.txt', terminalMatrix(result));
  });

  test('is drawn as in the golden file', () => {
    expectGolden('matrix.svg', svgMatrix(result, 'Who reaches whom'));
  });

  test('says the same as the simulator', () => {
    const simulator = createSimulator(world, policies);
    let asked = 0;
    for (const [i, from] of result.parties.entries()) {
      for (const [j, to] of result.parties.entries()) {
        if (from.endpoint === to.endpoint || (from.endpoint.kind === 'node' && to.endpoint.kind === 'pod')) continue;
        const open = simulator.decide({ from: from.endpoint, to: to.endpoint, protocol: 'TCP', port: 9999 }).allowed;
        expect([from.label, to.label, result.cells[i]![j]!.ports === 'everything' || /TCP(,|$)|TCP \d+-65535/.test(result.cells[i]![j]!.ports)]).toEqual([from.label, to.label, open]);
        asked++;
      }
    }
    expect(asked).toBeGreaterThan(400);
  });

  test('a screen reader finds a table: as many rows as parties, a named cell for each pair', () => {
    const svg = svgMatrix(result, 'A & B');
    const count = (role: string): number => svg.split(`role="${role}"`).length - 1;
    const n = result.parties.length;
    expect([count('table'), count('row'), count('columnheader'), count('rowheader'), count('cell')]).toEqual([1, n + 1, n, n, n * n]);
    expect(svg).toContain('aria-label="prometheus → coredns: TCP 9153"');
    expect(svg).toContain('<title>A &amp; B</title>');
  });
});

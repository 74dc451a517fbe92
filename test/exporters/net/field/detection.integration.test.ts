/**
 * The ten faults, and "it is me", in one field of nine nodes, those at the same time that can be told apart: what the pods
 * say, and whom the recording rules blame. At the pace of a test everything happens every second; the deep test has
 * the faults one after another at the pace of life.
 */
import { describeWith } from '../../../fixtures/needs.ts';
import { caseNamed, cases, groups } from './cases.ts';
import { detect } from './detection.ts';
import { provingGround, provingNeeds, type ProvingGround } from './proving-ground.ts';

describeWith(provingNeeds, 'net-exporter in a field of nine nodes', () => {
  let ground: ProvingGround;

  beforeAll(async () => {
    ground = await provingGround([{ name: 'net-exporter', pace: 'every second' }], { patienceMs: 30_000 });
  }, 90_000);
  afterAll(() => ground?.end());

  test('every fault is in a group', () => {
    expect(groups.flat().sort()).toEqual(cases.map(({ name }) => name).sort());
  });

  test.each(groups.map((group) => [group.join(' + '), group] as const))('%s', async (_, group) => {
    const found = await detect(ground.field, group.map(caseNamed), { ...ground, pollMs: 250, patienceMs: 20_000, calmMs: 800 });
    expect(found).toMatchObject({ missing: [], wrong: [], everBlamed: [], isCleared: true });
  }, 60_000);
});

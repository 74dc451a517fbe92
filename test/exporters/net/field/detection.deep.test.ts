/** The faults of detection.integration.test.ts at the defaults of the program: a round every 15 s, and no more of them than a fault may take. */
import { describeWith } from '../../../fixtures/needs.ts';
import { cases, inLife } from './cases.ts';
import { detect } from './detection.ts';
import { provingGround, provingNeeds, type ProvingGround } from './proving-ground.ts';

const intervalMs = 15_000;
/** Loss is looked at over four rounds; a datagram that a busy machine loses meanwhile makes it longer. */
const forgottenMs = 8 * intervalMs;

describeWith(provingNeeds, 'net-exporter in a field of nine nodes, at its own pace', () => {
  let ground: ProvingGround;

  beforeAll(async () => {
    ground = await provingGround([{ name: 'net-exporter', pace: 'as in life' }], { patienceMs: 60_000 });
    // What is usual is known after four rounds.
    await new Promise((resolve) => { setTimeout(resolve, 4 * intervalMs); });
  }, 240_000);
  afterAll(() => ground?.end());

  test.each(cases.map(inLife))('$name, within $intervals rounds', async (one) => {
    const { saidSeconds, ...found } = await detect(ground.field, [one], { ...ground, pollMs: 500, patienceMs: (one.intervals + 1) * intervalMs, forgottenMs, calmMs: 5000 });
    expect(found).toMatchObject({ missing: [], wrong: [], everBlamed: [], isCleared: true });
    expect(saidSeconds).toBeLessThanOrEqual((one.intervals * intervalMs) / 1000);
  }, 300_000);
});

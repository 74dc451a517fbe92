/** All properties of the simulation's state machines. */
import { jest } from '@jest/globals';
import { allAtOnce, lines, oneAfterAnother } from './state-machines.ts';

jest.setTimeout(1_800_000);
const seed = Number(process.env['FC_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

test('whatever one client after another asks, the state is legal, quotas hold, ids are new and pending states end', async () => {
  process.stdout.write(`one after another, 300 runs, seed ${seed}: ${lines(await oneAfterAnother({ runs: 300, seed }))}\n`);
});

test('the same events in any order of arrival, all at once, lead to a legal state', async () => {
  process.stdout.write(`all at once, 150 runs of two orders, seed ${seed}: ${lines(await allAtOnce({ runs: 150, seed }))}\n`);
});

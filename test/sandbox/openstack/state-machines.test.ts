/** A tenth of the properties of the simulation's state machines; `state-machines.deep.test.ts` has all. */
import { jest } from '@jest/globals';
import { allAtOnce, lines, oneAfterAnother } from './state-machines.ts';

jest.setTimeout(60_000);
const seed = Number(process.env['FC_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

test('whatever one client after another asks, the state is legal, quotas hold, ids are new and pending states end', async () => {
  process.stdout.write(`one after another, 10 runs, seed ${seed}: ${lines(await oneAfterAnother({ runs: 10, seed }))}\n`);
});

test('the same events in any order of arrival, all at once, lead to a legal state', async () => {
  process.stdout.write(`all at once, 5 runs of two orders, seed ${seed}: ${lines(await allAtOnce({ runs: 5, seed }))}\n`);
});

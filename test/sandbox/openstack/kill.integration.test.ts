/** A real process of the cloud, killed while clients call: everything answered is there afterwards, nothing by half. */
import { jest } from '@jest/globals';
import { killInBurst } from './kill.ts';

jest.setTimeout(60_000);

test.each([[5, 1], [120, 8]])('kill -9 after %i answers of a burst, about %i kinds of things at least, loses nothing that was answered, and leaves nothing by half or pending', async (answers, kinds) => {
  const { answered, unanswered, kinds: seen, lost, half, pending } = await killInBurst(answers, kinds);
  process.stdout.write(`killed in a burst: ${answered} answers about ${[...seen].join(', ')}; ${unanswered} calls cut off\n`);
  expect({ lost, half, pending }).toEqual({ lost: [], half: [], pending: [] });
  expect(answered).toBeGreaterThanOrEqual(answers);
  expect(seen.size).toBeGreaterThanOrEqual(kinds);
  expect(unanswered).toBeGreaterThan(0);
});

/** A real process of the cloud, killed while clients call: everything answered is there afterwards, nothing by half. */
import { jest } from '@jest/globals';
import { killInBurst } from './kill.ts';

jest.setTimeout(60_000);

test.each([5, 120])('kill -9 after %i answers of a burst loses nothing that was answered, and leaves nothing by half', async (answers) => {
  const { answered, unanswered, lost, half, pending } = await killInBurst(answers);
  process.stdout.write(`killed in a burst: ${answered} answers, ${unanswered} calls cut off\n`);
  expect({ lost, half, pending }).toEqual({ lost: [], half: [], pending: [] });
  expect(answered).toBeGreaterThanOrEqual(answers);
  expect(unanswered).toBeGreaterThan(0);
});

/** As kill.integration.test.ts, at many random moments. */
import { jest } from '@jest/globals';
import { killInBurst } from './kill.ts';

jest.setTimeout(600_000);

test('kill -9 at forty random moments loses nothing that was answered', async () => {
  let answers = 0;
  for (let i = 0; i < 40; i++) {
    const { answered, lost, half, pending } = await killInBurst(Math.ceil(Math.random() * 400));
    answers += answered;
    expect({ lost, half, pending }).toEqual({ lost: [], half: [], pending: [] });
  }
  process.stdout.write(`forty kills, ${answers} answers, none lost\n`);
});

import { afterReading, systemClock } from '../../../exporters/core/clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Its time is up when the test says so, and nothing is read meanwhile: FakeClock lets a turn pass at each timer. */
function byHand() {
  let callback = (): void => undefined;
  return { timeIsUp: () => callback(), clock: { ...systemClock, after: (_ms: number, wanted: () => void) => ((callback = wanted), () => (callback = () => undefined)) } };
}

test('when its time is up, what has come is read before it runs', async () => {
  const { clock, timeIsUp } = byHand();
  const done: string[] = [];
  afterReading(clock, 5, () => done.push('ran'));
  timeIsUp();
  expect(done).toEqual([]);
  await turn();
  expect(done).toEqual(['ran']);
});

test.each([['before', false], ['while what has come is read', true]])('cancelled %s it does not run', async (_when, isUp) => {
  const { clock, timeIsUp } = byHand();
  const done: string[] = [];
  const cancel = afterReading(clock, 5, () => done.push('ran'));
  if (isUp) timeIsUp();
  cancel();
  if (!isUp) timeIsUp();
  await turn();
  expect(done).toEqual([]);
});

import { Reach } from '../../../../provisioner/operators/app/reach.ts';

function setUp() {
  let nowMs = 0;
  const back: string[] = [];
  const reach = new Reach({ clock: { monotonicMs: () => nowMs, now: () => new Date(nowMs) }, random: () => 0.5, baseMs: 1000, maxMs: 8000, onBack: (key) => back.push(key) });
  let asked = 0;
  const ask = (answers: boolean) => () => (asked++, answers ? Promise.resolve() : Promise.reject(new Error('away')));
  return { reach, back, ask, asked: () => asked, pass: (ms: number) => void (nowMs += ms) };
}

it('asks nothing of a server that is not known to be away', async () => {
  const { reach, ask, asked } = setUp();
  expect(await reach.admits('a', ask(false))).toBe(true);
  expect(asked()).toBe(0);
});

it('an hour away costs a handful of questions, however many Apps wait, and other servers nothing', async () => {
  const { reach, ask, asked, pass } = setUp();
  reach.failed('a');
  for (let second = 0; second < 3600; second++) {
    pass(1000);
    await Promise.all(Array.from({ length: 15 }, () => reach.admits('a', ask(false))));
  }
  expect(asked()).toBeGreaterThan(300);
  expect(asked()).toBeLessThan(500);
  expect(await reach.admits('b', ask(false))).toBe(true);
});

it('the first answer lets all in, and says so once', async () => {
  const { reach, back, ask, pass } = setUp();
  reach.failed('a');
  expect(reach.awaySince('a')).toEqual(new Date(0));
  expect(await reach.admits('a', ask(true))).toBe(false);
  pass(1001);
  expect(await Promise.all([reach.admits('a', ask(true)), reach.admits('a', ask(true))])).toEqual([true, false]);
  expect(await reach.admits('a', ask(false))).toBe(true);
  expect(back).toEqual(['a']);
  expect(reach.awaySince('a')).toBeUndefined();
});

it('many Apps that notice at once lengthen the pause once', () => {
  const { reach } = setUp();
  for (let i = 0; i < 20; i++) reach.failed('a');
  expect(reach.waitMs('a')).toBeLessThanOrEqual(1000 + 500);
});

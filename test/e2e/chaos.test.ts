/** Which kills the chaos draws: all of them, in order, and the same ones again for the same number. */
import { coverage, drawLife, phases, victims } from './chaos.ts';

const lasting = { create: 70, scale: 70, upgrade: 150, delete: 40 };
const pair = ({ phase, victim }: ReturnType<typeof drawLife>[number]): string => `${phase} ${victim.place} ${victim.program}`;

test.each([0, 17, 999_983])('as many lives as there are victims, from life %i on, have every pair of victim and phase once', (first) => {
  const pairs = victims.flatMap((_, life) => drawLife(first + life, lasting)).map(pair);
  expect(new Set(pairs).size).toBe(victims.length * phases.length);
  expect(pairs).toHaveLength(victims.length * phases.length);
});

test('a life has one kill in each phase, of four victims, and is the same for the same number', () => {
  const life = drawLife(41, lasting);
  expect(life.map(({ phase }) => phase)).toEqual([...phases]);
  expect(new Set(life.map(({ victim }) => victim)).size).toBe(4);
  expect(drawLife(41, lasting)).toEqual(life);
  expect(drawLife(41 + victims.length, lasting).map(({ afterSeconds }) => afterSeconds)).not.toEqual(life.map(({ afterSeconds }) => afterSeconds));
});

test('a kill comes while its phase lasts, and where servers go away soon, before they are gone', () => {
  for (const { phase, victim, afterSeconds } of victims.flatMap((_, life) => drawLife(life, lasting))) {
    const isGoneSoon = phase === 'delete' && !['management', 'world'].includes(victim.place);
    expect(afterSeconds).toBeLessThanOrEqual(isGoneSoon ? 8 : lasting[phase]);
  }
});

test('what is covered is said, and how to go on', () => {
  const all = victims.length * phases.length;
  expect(coverage(10, 6)).toBe(`lives 10 to 15: 24 of ${all} pairs of victim and phase; KEELSON_CHAOS_SEED=16 goes on`);
  expect(coverage(0, 1000)).toContain(`${all} of ${all}`);
});

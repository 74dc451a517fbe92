import { Scheduler, type Job } from '../../../exporters/core/scheduler.ts';
import { FakeClock } from './fake-clock.ts';

const job = (over: Partial<Job>): Job => ({ name: 'j', intervalMs: 1000, jitter: 0, timeoutMs: 500, run: () => Promise.resolve(), onError: () => undefined, ...over });

describe('Scheduler', () => {
  test('runs at once and then once per interval, counted from start to start', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const startedMs: number[] = [];
    const run = async (): Promise<void> => {
      startedMs.push(clock.monotonicMs());
      await new Promise<void>((resolve) => clock.after(300, resolve));
    };
    const done = new Scheduler({ clock, random: () => 0.5 }).run(job({ run }), stop.signal);
    await clock.advance(2500);
    stop.abort();
    await clock.advance(1000);
    await done;
    expect(startedMs).toEqual([0, 1000, 2000]);
  });

  test.each([[0, 900], [0.999999, 1100]])('chance %p makes the interval about %p ms', async (chance, expected) => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const startedMs: number[] = [];
    const done = new Scheduler({ clock, random: () => chance }).run(job({ jitter: 0.1, run: () => (startedMs.push(clock.monotonicMs()), Promise.resolve()) }), stop.signal);
    await clock.advance(1500);
    stop.abort();
    await done;
    expect(startedMs[1]).toBeCloseTo(expected, 0);
  });

  test('a failing run is reported and the next one comes in its turn', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const errors: unknown[] = [];
    let runs = 0;
    const done = new Scheduler({ clock, random: () => 0.5 }).run(job({ run: () => Promise.reject(new Error(`run ${++runs}`)), onError: (error) => errors.push(error) }), stop.signal);
    await clock.advance(1500);
    stop.abort();
    await done;
    expect(errors.map(String)).toEqual(['Error: run 1', 'Error: run 2']);
  });

  test('a run past its deadline is aborted, and the reason names the job', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const errors: unknown[] = [];
    const run = (signal: AbortSignal): Promise<void> => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const scheduler = new Scheduler({ clock, random: () => 0.5 });
    const done = scheduler.run(job({ run, onError: (error) => errors.push(error) }), stop.signal);
    await clock.advance(600);
    expect(String(errors[0])).toContain('j did not end within 500 ms');
    expect(scheduler.sinceFinishedMs('j')).toBe(100);
    stop.abort();
    await done;
  });
});

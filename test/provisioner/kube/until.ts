import { setTimeout as sleep } from 'node:timers/promises';

/** Polls until the condition holds; fails with its name when it does not in time. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > endsAt) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(20);
  }
}

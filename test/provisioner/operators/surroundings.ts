/** What operators are given in tests: a real API server's client, a clock that can be turned forward, events kept in memory. */
import { type Controller, type KubeClient, type Log, systemClock, systemRandom } from '../../../provisioner/kube/index.ts';
import type { OperatorContext } from '../../../provisioner/operators/context.ts';

export interface TestContext extends OperatorContext {
  /** Everything that was logged or told as an event, for tests that look for secrets in it. */
  readonly said: string[];
  /** Turns the wall clock forward; timers go on as before. */
  turn(ms: number): void;
}

export function testContext(client: KubeClient): TestContext {
  let offsetMs = 0;
  const said: string[] = [];
  const note = (level: string) => (fields: object, message: string): void => void said.push(`${level} ${message} ${describe(fields)}`);
  const log: Log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  return {
    client, log, said, systemNamespace: 'keelson-system', random: systemRandom,
    clock: { ...systemClock, now: () => new Date(Date.now() + offsetMs) },
    events: { event: (object, type, reason, message) => void said.push(`event ${type} ${reason} ${object.kind} ${object.metadata.name}: ${message}`) },
    turn: (ms) => (offsetMs += ms),
  };
}

/** Starts controllers and gives back how to stop them. */
export function startControllers(controllers: readonly Controller[]): () => Promise<void> {
  const abort = new AbortController();
  const running = Promise.all(controllers.map((controller) => controller.start(abort.signal)));
  return async () => {
    abort.abort();
    await running;
    await Promise.all(controllers.flatMap((c) => c.sources.map((s) => s.reflector.whenStopped())));
  };
}

/** Waits until `probe` gives something other than undefined or false. @throws what it last threw, or that nothing came */
export async function eventually<T>(probe: () => Promise<T | undefined | false> | T | undefined | false, withinMs = 30_000): Promise<T> {
  const endsAt = Date.now() + withinMs;
  let last: unknown = new Error(`nothing within ${withinMs} ms`);
  while (Date.now() < endsAt) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw last;
}

function describe(fields: object): string {
  return Object.entries(fields).map(([key, value]) => `${key}=${value instanceof Error ? value.message : JSON.stringify(value)}`).join(' ');
}

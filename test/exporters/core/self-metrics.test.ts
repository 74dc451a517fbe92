import { setTimeout as sleep } from 'node:timers/promises';
import { SelfMetrics } from '../../../exporters/core/self-metrics.ts';

test('the delay of the event loop is the delay alone: next to nothing at rest, as long as something blocks', async () => {
  const self = new SelfMetrics([]);
  const lag = (): number => Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(self.render('text'))?.[1]);
  await sleep(600);
  const atRest = lag();
  const until = performance.now() + 900;
  while (performance.now() < until); // nothing else runs meanwhile
  await sleep(300);
  const blocked = lag();
  self.stop();
  expect(atRest).toBeLessThan(0.2);
  expect(blocked).toBeGreaterThan(0.4);
  expect(blocked).toBeLessThan(5);
});

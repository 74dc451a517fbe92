import { describe, expect, test } from '@jest/globals';
import { estimate } from '../../../sandbox/tools/estimate.ts';
import { duration, textProgress, type ToolsProgress } from '../../../sandbox/tools/progress.ts';

const building = (elapsedSeconds: number, detail: string): ToolsProgress => ({ kind: 'building', family: 'helm', index: 2, total: 12, elapsedSeconds, remainingSeconds: 200, detail });
const built: ToolsProgress = { kind: 'built', family: 'helm', index: 2, total: 12, wallSeconds: 61.2, cpuSeconds: 100.4, bytes: 67_100_000 };

function recorded(output: { isTTY?: boolean; columns?: number }, events: readonly ToolsProgress[]): string {
  let text = '';
  const progress = textProgress({ ...output, write: (part) => (text += part) });
  for (const event of events) progress(event);
  return text;
}

describe('textProgress', () => {
  test('writes one line per step where the output is no terminal', () => {
    expect(recorded({}, [{ kind: 'plan', families: ['helm', 'coredns'], estimateSeconds: 200 }, building(0, ''), building(1, 'net/http'), building(2, 'fmt'), built])).toBe(
      [
        'tools: 2 of them have to be built (helm, coredns): 3 min 20 s, once',
        'tools 2/12: helm, 0 s gone, about 3 min 20 s left',
        'tools 2/12: helm built in 1 min 01 s (100 CPU seconds, 67 MB)',
        '',
      ].join('\n'),
    );
  });

  test('redraws one line on a terminal, cut to its width', () => {
    const text = recorded({ isTTY: true, columns: 40 }, [building(1, 'net/http'), building(2, 'k8s.io/kubernetes/pkg/kubelet'), built]);
    const drawn = text.split('\r\x1b[K').slice(1);
    expect(drawn).toHaveLength(3);
    expect(drawn[1]).toHaveLength(39);
    expect(drawn[2]).toBe('tools 2/12: helm built in 1 min 01 s (100 CPU seconds, 67 MB)\n');
    expect(text.match(/\n/g)).toHaveLength(1);
  });
});

test.each([[0, '0 s'], [59.4, '59 s'], [59.6, '1 min 00 s'], [605, '10 min 05 s'], [3900, '1 h 05 min'], [-3, '0 s']])('duration of %d seconds is %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

describe('estimate', () => {
  const work = [{ name: 'a', cpuSeconds: 100 }, { name: 'b', cpuSeconds: 300 }];

  test('begins with recorded CPU seconds over the cores, with a loss', () => {
    expect(estimate(work, 2).remaining()).toBeCloseTo(250);
  });

  test('is scaled by what the first works took', () => {
    const time = estimate(work, 2);
    time.finished('a', 200);
    expect(time.remaining()).toBeCloseTo(600);
  });

  test('learns nothing from work that somebody else did', () => {
    const time = estimate(work, 2);
    time.finished('a', undefined);
    expect(time.remaining()).toBeCloseTo(187.5);
  });

  test('counts down during a work, and waits at its end when it takes longer', () => {
    const time = estimate(work, 2);
    expect(time.remainingDuring('a', 12.5)).toBeCloseTo(237.5);
    expect(time.remainingDuring('a', 1000)).toBeCloseTo(187.5);
  });
});

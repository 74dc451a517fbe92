import type { MetricFamily } from '../../../exporters/core/catalogue.ts';
import { Meter } from '../../../exporters/net/meter.ts';

const common = { help: 'x.', stability: 'beta', since: '0.1.0' } as const;
const families: MetricFamily[] = [
  { ...common, name: 'up', type: 'gauge', labels: ['peer'] }, { ...common, name: 'errors_total', type: 'counter', labels: ['peer', 'kind'] },
  { ...common, name: 'seconds', type: 'histogram', labels: ['peer'], buckets: [0.1, 1] },
];
const text = (meter: Meter): string[] => [...meter.snapshot().chunks('text')].join('').split('\n').filter((line) => line && !line.startsWith('#'));

describe('Meter', () => {
  test('histograms are cumulative, with what lies above all bounds in +Inf', () => {
    const meter = new Meter(families);
    for (const value of [0.05, 0.1, 0.5, 7]) meter.observe('seconds', { peer: 'a' }, value);
    expect(text(meter)).toEqual(['seconds_bucket{peer="a",le="0.1"} 2', 'seconds_bucket{peer="a",le="1"} 3', 'seconds_bucket{peer="a",le="+Inf"} 4', 'seconds_sum{peer="a"} 7.65', 'seconds_count{peer="a"} 4']);
    expect(meter.size).toBe(5);
  });

  test('a counter that was asked for is there before it counts', () => {
    const meter = new Meter(families);
    meter.add('errors_total', { peer: 'a', kind: 'timeout' }, 0);
    expect(text(meter)).toEqual(['errors_total{peer="a",kind="timeout"} 0']);
  });

  test('series of what is gone are gone, those of others stay', () => {
    const meter = new Meter(families);
    for (const peer of ['a', 'b']) {
      meter.set('up', { peer }, 1);
      meter.add('errors_total', { peer, kind: 'reset' });
    }
    meter.keep(['up', 'errors_total'], 'peer', new Set(['b']));
    expect(text(meter)).toEqual(['up{peer="b"} 1', 'errors_total{peer="b",kind="reset"} 1']);
    meter.set('up', { peer: 'b' }, undefined);
    expect(text(meter)).toEqual(['errors_total{peer="b",kind="reset"} 1']);
  });

  test('a snapshot does not change any more', () => {
    const meter = new Meter(families);
    meter.set('up', { peer: 'a' }, 1);
    const before = meter.snapshot();
    meter.set('up', { peer: 'a' }, 0);
    expect([...before.chunks('text')].join('')).toContain('up{peer="a"} 1');
  });

  test('what is not in the catalogue is a mistake of the program', () => {
    expect(() => new Meter(families).set('down', {}, 1)).toThrow('down is not in the catalogue');
  });
});

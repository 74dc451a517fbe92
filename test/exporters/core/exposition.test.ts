import fc from 'fast-check';
import type { MetricFamily } from '../../../exporters/core/catalogue.ts';
import { escapeLabel, formatValue, header, maxLabelLength, negotiate, sampleLine, seriesName } from '../../../exporters/core/exposition.ts';

const family = (over: Partial<MetricFamily>): MetricFamily => ({ name: 'x_seconds', type: 'gauge', help: 'An x.', labels: [], stability: 'stable', since: '0.1.0', ...over });

describe('header', () => {
  test('the old format keeps a counter\'s name and escapes backslash and newline in the help', () => {
    expect(header(family({ name: 'x_total', type: 'counter', help: 'a\\b\nc "d"' }), 'text')).toBe('# HELP x_total a\\\\b\\nc "d"\n# TYPE x_total counter\n');
  });
  test('OpenMetrics names a counter without _total and escapes quotes too', () => {
    expect(header(family({ name: 'x_total', type: 'counter', help: 'a "d"' }), 'openmetrics')).toBe('# TYPE x counter\n# HELP x a \\"d\\"\n');
  });
  test('OpenMetrics names the unit only where the name ends with it', () => {
    expect(header(family({ unit: 'seconds' }), 'openmetrics')).toContain('# UNIT x_seconds seconds\n');
    expect(header(family({ name: 'x_not_after', unit: 'seconds' }), 'openmetrics')).not.toContain('UNIT');
  });
});

describe('samples', () => {
  test('labels are written in the order given and absent ones as empty values', () => {
    expect(sampleLine(seriesName('x', [['b', 'two'], ['a', undefined]]), 1)).toBe('x{b="two",a=""} 1\n');
  });
  test.each([[Infinity, '+Inf'], [-Infinity, '-Inf'], [NaN, 'NaN'], [253402300799, '253402300799'], [1e21, '1e+21'], [-0.5, '-0.5']])('%p is written as %s', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
  test('any text becomes one line with one quoted, bounded value from which the text can be read back', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const escaped = escapeLabel(text);
      expect(escaped).not.toMatch(/\n/);
      expect(escaped.replace(/\\(["\\n])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))).toBe(text.toWellFormed());
    }));
  });
  test('a value of 64 KB is cut', () => {
    expect(escapeLabel('a'.repeat(65536)).length).toBe(maxLabelLength);
  });
  test('a cut through a surrogate pair leaves valid Unicode', () => {
    const escaped = escapeLabel('a'.repeat(maxLabelLength - 2) + '😀😀');
    expect(escaped.isWellFormed()).toBe(true);
  });
});

describe('negotiate', () => {
  test.each([
    [undefined, 'text'],
    ['*/*', 'text'],
    ['text/plain', 'text'],
    ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
    ['application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'openmetrics'],
    ['application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.5', 'text'],
    ['application/openmetrics-text;version=0.0.1', 'text'],
    ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,text/plain;q=0.3', 'text'],
  ])('%s gets %s', (accept, format) => expect(negotiate(accept)).toBe(format));
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatQuantity, parseQuantity } from '../../../policies/tenancy/quantity.ts';
import { TenancyError } from '../../../policies/tenancy/errors.ts';

/** Values from k8s.io/apimachinery/pkg/api/resource/quantity_test.go, in billionths. */
test.each([
  ['0', 0n],
  ['100m', 100_000_000n],
  ['1.5', 1_500_000_000n],
  ['1.5Gi', 1_610_612_736n * 1_000_000_000n],
  ['1Ki', 1024n * 1_000_000_000n],
  ['1E', 1_000_000_000_000_000_000n * 1_000_000_000n],
  ['1e3', 1000n * 1_000_000_000n],
  ['12E-3', 12_000_000n],
  ['.5', 500_000_000n],
  ['5.', 5_000_000_000n],
  ['-1', -1_000_000_000n],
  ['+2k', 2000n * 1_000_000_000n],
  ['1n', 1n],
  ['0.0000000001', 1n],
])('%s', (text, nanos) => expect(parseQuantity(text)).toBe(nanos));

test.each(['', '.', '1Kib', '1 Gi', 'Gi', '1e', '1.2.3', '0x1', '--1', '1mi'])('"%s" is refused with what to write', (text) => {
  expect(() => parseQuantity(text)).toThrow(TenancyError);
  expect(() => parseQuantity(text)).toThrow(/is not a quantity; write a number/);
});

describe('writing', () => {
  test('what is written reads back as the same amount', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(10n ** 28n), max: 10n ** 28n }), fc.constantFrom('decimal', 'binary'), (nanos, kind) => expect(parseQuantity(formatQuantity(nanos, kind))).toBe(nanos)));
  });
  test.each([
    [1_500_000_000n, 'decimal', '1500m'],
    [2_000_000_000n, 'decimal', '2'],
    [3n * 2n ** 30n * 10n ** 9n, 'binary', '3Gi'],
    [0n, 'binary', '0'],
  ] as const)('%s %s → %s', (nanos, kind, text) => expect(formatQuantity(nanos, kind)).toBe(text));
});

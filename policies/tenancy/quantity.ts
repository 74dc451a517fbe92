/**
 * Kubernetes quantities ("250m", "1.5Gi", "2e3") as exact integers, so that sums over many pods do not drift.
 * Source: k8s.io/apimachinery/pkg/api/resource, Quantity: at most nine digits after the point, smaller ones are rounded up.
 */
import { TenancyError } from './errors.ts';

/** Billionths of the unit: cores, bytes, objects. */
export type Nanos = bigint;

const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binary: Readonly<Record<string, bigint>> = { Ki: 2n ** 10n, Mi: 2n ** 20n, Gi: 2n ** 30n, Ti: 2n ** 40n, Pi: 2n ** 50n, Ei: 2n ** 60n };
const unit = 10n ** 9n;

/** @throws TenancyError TENANCY_QUANTITY for what the API server would not take as a quantity either */
export function parseQuantity(value: string | number): Nanos {
  const text = String(value);
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:([numkMGTPE])|(Ki|Mi|Gi|Ti|Pi|Ei)|[eE]([+-]?\d{1,2}))?$/.exec(text);
  const [, sign, whole = '', fraction = '', si = '', iec, exponent] = match ?? [];
  if (!match || whole + fraction === '') throw new TenancyError('TENANCY_QUANTITY', `"${text}" is not a quantity; write a number with a suffix of m, k, M, G, T, Ki, Mi, Gi, Ti, or none`);
  const digits = BigInt(whole + fraction) * (iec === undefined ? 1n : (binary[iec] ?? 1n));
  const power = 9 - fraction.length + (iec === undefined ? (exponent === undefined ? (decimal[si] ?? 0) : Number(exponent)) : 0);
  const nanos = power >= 0 ? digits * 10n ** BigInt(power) : roundUp(digits, 10n ** BigInt(-power));
  return sign === '-' ? -nanos : nanos;
}

/** As people write it: "1500m", "3Gi", "2". */
export function formatQuantity(nanos: Nanos, kind: 'decimal' | 'binary'): string {
  if (nanos < 0n) return `-${formatQuantity(-nanos, kind)}`;
  if (kind === 'binary') {
    for (const [suffix, factor] of Object.entries(binary).reverse()) if (nanos !== 0n && nanos % (factor * unit) === 0n) return `${nanos / (factor * unit)}${suffix}`;
  }
  if (nanos % unit === 0n) return String(nanos / unit);
  return nanos % 1_000_000n === 0n ? `${nanos / 1_000_000n}m` : `${nanos}n`;
}

/** "memory" and storage are written in powers of two, everything else in powers of ten. */
export function formatOf(resource: string): 'decimal' | 'binary' {
  return /memory|storage/.test(resource) && !resource.startsWith('count/') ? 'binary' : 'decimal';
}

function roundUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

/** Whether an object is already what we would apply: it has every field of `wanted`, lists are equal. Others may have put more on it. */
export function holds(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) return Array.isArray(actual) && actual.length === wanted.length && wanted.every((one, i) => holds(actual[i], one));
  if (typeof wanted !== 'object' || wanted === null) return actual === wanted;
  return typeof actual === 'object' && actual !== null && Object.entries(wanted).every(([key, value]) => holds((actual as Record<string, unknown>)[key], value));
}

/** Times as the API server writes and accepts them (apimachinery, meta/v1: Time and MicroTime). */

/** metav1.Time: whole seconds. */
export function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** metav1.MicroTime: exactly six digits of fraction, or the API server refuses it. */
export function microTimestamp(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}

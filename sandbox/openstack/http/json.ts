/** Reads JSON that a client sent and that may be anything. */

export type JsonObject = Record<string, unknown>;

export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or an empty one. */
export function asRecord(value: unknown): JsonObject {
  return isRecord(value) ? value : {};
}

/** The string, or an empty one. */
export function asString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The strings of a list, in order; anything else is left out. */
export function asStrings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

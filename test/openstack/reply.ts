/** What a call to a cloud brought back, and who made it. */
import type { Answer } from '../../provisioner/openstack/index.ts';

/** `owner` is the member's user with its password, who may manage application credentials; `stranger` is another project's member. */
export type Who = 'member' | 'owner' | 'admin' | 'stranger';

export type Body = Record<string, unknown>;

/** Parsed JSON; an empty object when there was none, `{text}` when it was something else. */
export interface Reply {
  readonly status: number;
  readonly body: Body;
  readonly headers: Answer['headers'];
}

/** `at(body, 'server', 'id')` as text; empty when it is not there. */
export function at(body: unknown, ...path: readonly (string | number)[]): string {
  const found = path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), body);
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? String(found) : '';
}

/** Reads an answer; text that is no JSON is kept under `text`. */
export function parseBody(text: string): Body {
  if (text === '') return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed as Body : { text: parsed };
  } catch {
    return { text };
  }
}

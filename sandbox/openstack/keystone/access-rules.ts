/** Access rules of application credentials: which calls one may make (`keystonemiddleware/auth_token`, `validate_allowed_request`). */
import type { Core } from '../core.ts';
import type { JsonObject } from '../http/json.ts';
import type { ServiceName } from '../http/service.ts';
import type { AccessRuleRecord, ApplicationCredentialRecord } from './records.ts';

/** One call, as far as rules speak of it. */
export interface RuledCall {
  readonly service: ServiceName;
  readonly method: string;
  readonly path: string;
}

/** @param rules undefined: everything is allowed */
export function isAllowed(rules: readonly AccessRuleRecord[] | undefined, call: RuledCall): boolean {
  if (rules === undefined) return true;
  // Keystone's middleware marks the token as bad, and its API goes on with it.
  if (call.service === 'identity') return true;
  return rules.some((rule) => rule.service === call.service && rule.method === call.method && matches(rule.path, call.path));
}

/** `{tag}` and `*` stand for one segment, `**` for any text. */
export function matches(pattern: string, path: string): boolean {
  const source = pattern.replace(/\{[^}]*\}|\*\*|\*|[^{}*]+/g, (token) => {
    if (token === '**') return '.*';
    return token === '*' || token.startsWith('{') ? '[^/]+' : token.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source}$`).test(path);
}

/** The rules of a credential; undefined when it has none and may do everything. */
export function rulesOf(core: Core, credential: ApplicationCredentialRecord | undefined): AccessRuleRecord[] | undefined {
  return credential?.access_rule_ids?.flatMap((id) => core.state.keystone.accessRules[id] ?? []);
}

export function ruleView(rule: AccessRuleRecord): JsonObject {
  const { id, service, method, path } = rule;
  return { id, path, method, service };
}

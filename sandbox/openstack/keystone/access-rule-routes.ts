/** Access rules of a user: made with an application credential, listed and deleted here. */
import { newHexId, type Core } from '../core.ts';
import { badRequest, forbidden, notFound } from '../errors.ts';
import { asRecord, type JsonObject } from '../http/json.ts';
import { noContent, ok, type ApiRequest, type Route } from '../http/service.ts';
import { repr } from '../neutron/attributes.ts';
import { ruleView } from './access-rules.ts';
import { links } from './auth-routes.ts';
import type { AccessRuleRecord } from './records.ts';

/** `keystone/application_credential/schema.py`. */
const patterns = { path: String.raw`^\/.*`, method: '^(POST|GET|HEAD|PATCH|PUT|DELETE)$', service: '^[a-zA-Z0-9-]+$', id: '^[a-zA-Z0-9-]+$' } as const;
const collection = '/v3/users/:user/access_rules';

/** The rules that a create call asks for: by id, or spelled out. One that is there already is used again. None at all is no restriction. @throws ApiError 400, 404 */
export function wantedRules(core: Core, given: unknown, userId: string): string[] | undefined {
  if (!Array.isArray(given) || given.length === 0) return undefined;
  return given.map((one, i) => {
    const sent = asRecord(one);
    checkFields(sent, i);
    if (typeof sent['id'] === 'string') return findRule(core, sent['id'], userId).id;
    return (sameRule(core, sent, userId) ?? newRule(core, checked(sent, i), userId)).id;
  });
}

export function accessRuleRoutes(core: Core): Route[] {
  const table = core.state.keystone.accessRules;
  const view = (rule: AccessRuleRecord, request: ApiRequest): JsonObject => ({ ...ruleView(rule), links: { self: `${request.baseUrl}/v3/access_rules/${rule.id}` } });
  const find = (request: ApiRequest): AccessRuleRecord => findRule(core, request.params['id'] ?? '', mine(request));
  return [
    { method: 'GET', path: collection, handle: (request) => {
      const user = mine(request);
      return ok({ access_rules: Object.values(table).filter((rule) => rule.user_id === user).map((rule) => view(rule, request)), links: links(request) });
    } },
    { method: 'GET', path: `${collection}/:id`, handle: (request) => ok({ access_rule: view(find(request), request) }) },
    { method: 'DELETE', path: `${collection}/:id`, handle: (request) => {
      const rule = find(request);
      const isUsed = Object.values(core.state.keystone.applicationCredentials).some((one) => one.access_rule_ids?.includes(rule.id));
      if (isUsed) throw forbidden('May not delete access rule in use');
      Reflect.deleteProperty(table, rule.id);
      return noContent;
    } },
  ];
}

function mine(request: ApiRequest): string {
  const user = request.params['user'] ?? '';
  if (!request.caller.isAdmin && request.caller.userId !== user) throw forbidden('You are not authorized to perform the requested action: identity:list_access_rules.');
  return user;
}

function findRule(core: Core, id: string, userId: string): AccessRuleRecord {
  const rule = core.state.keystone.accessRules[id];
  if (!rule || rule.user_id !== userId) throw notFound('AccessRuleNotFound', `Could not find Access Rule: ${id}.`);
  return rule;
}

function sameRule(core: Core, sent: JsonObject, userId: string): AccessRuleRecord | undefined {
  return Object.values(core.state.keystone.accessRules).find((rule) => (
    rule.user_id === userId && rule.service === sent['service'] && rule.method === sent['method'] && rule.path === sent['path']));
}

function newRule(core: Core, given: { service: string; method: string; path: string }, userId: string): AccessRuleRecord {
  const rule: AccessRuleRecord = { id: newHexId(core), user_id: userId, ...given };
  core.state.keystone.accessRules[rule.id] = rule;
  return rule;
}

function checkFields(sent: JsonObject, i: number): void {
  const strange = Object.keys(sent).filter((name) => !(name in patterns));
  if (strange.length > 0) throw badRequest(`Invalid input for field 'access_rules/${i}': Additional properties are not allowed (${strange.map(repr).join(', ')} ${strange.length === 1 ? 'was' : 'were'} unexpected)`);
  for (const [name, pattern] of Object.entries(patterns)) {
    const value = sent[name];
    if (typeof value === 'string' && !new RegExp(pattern).test(value)) throw badRequest(`Invalid input for field 'access_rules/${i}/${name}': ${repr(value)} does not match ${repr(pattern)}`);
  }
}

function checked(sent: JsonObject, i: number): { service: string; method: string; path: string } {
  const { service, method, path } = sent;
  for (const name of ['path', 'method', 'service']) {
    if (typeof sent[name] !== 'string') throw badRequest(`Invalid input for field 'access_rules/${i}': '${name}' is a required property`);
  }
  return { service: String(service), method: String(method), path: String(path) };
}

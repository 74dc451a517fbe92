/** Rules of security groups. */
import { newId, timestamp, type Core } from '../core.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import type { JsonObject } from '../http/json.ts';
import type { Caller } from '../http/service.ts';
import { formatCidr, parseCidr } from './addresses.ts';
import { anyText, anything, Invalid, oneOf, repr, textOrNull, uuidOrNull, uuidText, type AttributeMap, type Check } from './attributes.ts';
import type { Collection } from './collection.ts';
import { checkQuota } from './quotas.ts';
import type { SecurityGroupRecord, SecurityGroupRuleRecord } from './records.ts';
import { touch } from './standard.ts';

/** Protocols Neutron knows by name, and their numbers at IANA (`neutron_lib/constants.py`). */
const protocols: ReadonlyMap<string, number> = new Map([
  ['ah', 51], ['dccp', 33], ['egp', 8], ['esp', 50], ['gre', 47], ['hopopt', 0], ['icmp', 1], ['igmp', 2], ['ip', 0], ['ipip', 4], ['ipv6-encap', 41], ['ipv6-frag', 44],
  ['ipv6-icmp', 58], ['icmpv6', 58], ['ipv6-nonxt', 59], ['ipv6-opts', 60], ['ipv6-route', 43], ['ospf', 89], ['pgm', 113], ['rsvp', 46], ['sctp', 132], ['tcp', 6],
  ['udp', 17], ['udplite', 136], ['vrrp', 112],
]);

const protocol: Check = (value) => {
  if (value === null || value === 'any' || value === '') return null;
  const text = String(value).toLowerCase();
  const isNumber = /^\d+$/.test(text) && Number(text) <= 255;
  if (!isNumber && !protocols.has(text)) {
    const known = [null, ...protocols.keys()].map(repr).join(', ');
    throw badRequest(`Security group rule protocol ${String(value)} not supported. Only protocol values [${known}] and integer representations [0 to 255] are supported.`, 'SecurityGroupRuleInvalidProtocol');
  }
  return text;
};

/** The number of a protocol by either way to write it. */
function protocolNumber(text: string | null): number | null {
  return text === null ? null : (protocols.get(text) ?? Number(text));
}

const portNumber: Check = (value) => {
  if (value === null) return null;
  const number = Number(value);
  if (!Number.isInteger(number) || number < -1 || number > 65535) throw new Invalid(`Invalid value for port ${String(value)}`);
  return number;
};

const prefix: Check = (value) => {
  if (value === null) return null;
  const range = typeof value === 'string' ? parseCidr(value) : undefined;
  if (!range) throw badRequest(`Invalid CIDR ${String(value)} given as IP prefix.`, 'InvalidCIDR');
  return value;
};

const ruleAttributes: AttributeMap = {
  project_id: { on: 'c', check: anyText(255) },
  tenant_id: { on: 'c', check: anyText(255) },
  description: { on: 'cu', check: textOrNull(255) },
  security_group_id: { on: 'c', check: uuidText, isRequired: true },
  direction: { on: 'c', check: oneOf('ingress', 'egress'), isRequired: true },
  ethertype: { on: 'c', check: oneOf('IPv4', 'IPv6') },
  protocol: { on: 'c', check: protocol },
  port_range_min: { on: 'c', check: portNumber },
  port_range_max: { on: 'c', check: portNumber },
  remote_ip_prefix: { on: 'c', check: prefix },
  remote_group_id: { on: 'c', check: uuidOrNull },
  remote_address_group_id: { on: 'c', check: anything },
};

/** @param beforeList makes the project's default group, whose rules are listed too */
export function securityGroupRules(core: Core, beforeList: (caller: Caller) => void): Collection<SecurityGroupRuleRecord> {
  const { neutron } = core.state;
  return {
    path: 'security-group-rules', plural: 'security_group_rules', singular: 'security_group_rule', attributes: ruleAttributes,
    notFound: { code: 'SecurityGroupRuleNotFound', message: (id) => `Security group rule ${id} does not exist` },
    table: () => neutron.securityGroupRules,
    view: ruleView,
    beforeList: (caller) => beforeList(caller),
    create: (given, caller) => createRule(core, given, caller),
    remove: (rule) => {
      Reflect.deleteProperty(neutron.securityGroupRules, rule.id);
      const group = neutron.securityGroups[rule.security_group_id];
      if (group) touch(core, group);
    },
  };
}

function createRule(core: Core, given: JsonObject, caller: Caller): SecurityGroupRuleRecord {
  const { securityGroups: groups, securityGroupRules: rules } = core.state.neutron;
  const group = groups[given['security_group_id'] as string];
  if (!group || (!caller.isAdmin && group.project_id !== caller.projectId)) {
    throw notFound('SecurityGroupNotFound', `Security group ${String(given['security_group_id'])} does not exist`);
  }
  checkQuota(core, group.project_id, 'security_group_rule');
  const record: SecurityGroupRuleRecord = { ...emptyRule(core, group), description: '', ...(given as Partial<SecurityGroupRuleRecord>), project_id: group.project_id };
  Reflect.deleteProperty(record, 'tenant_id');
  // All ports are kept as no range at all.
  if (record.port_range_min === 1 && record.port_range_max === 65535) Object.assign(record, { port_range_min: null, port_range_max: null });
  checkRule(record);
  if (record.remote_group_id !== null && !groups[record.remote_group_id]) {
    throw notFound('SecurityGroupNotFound', `Security group ${record.remote_group_id} does not exist`);
  }
  const same = Object.values(rules).find((other) => isSame(other, record));
  if (same) throw conflict('SecurityGroupRuleExists', `Security group rule already exists. Rule id is ${same.id}.`);
  rules[record.id] = record;
  touch(core, group);
  return record;
}

function checkRule(rule: SecurityGroupRuleRecord): void {
  if (rule.remote_ip_prefix !== null && rule.remote_group_id !== null) {
    throw badRequest('Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.', 'SecurityGroupMultipleRemoteEntites');
  }
  const range = rule.remote_ip_prefix === null ? undefined : parseCidr(rule.remote_ip_prefix);
  if (range && `IPv${range.version}` !== rule.ethertype) {
    throw badRequest(`Conflicting value ethertype ${rule.ethertype} for CIDR ${rule.remote_ip_prefix ?? ''}`, 'SecurityGroupRuleParameterConflict');
  }
  const isIcmp = rule.protocol !== null && ['icmp', 'icmpv6', 'ipv6-icmp', '1', '58'].includes(rule.protocol);
  if (isIcmp) return;
  const { port_range_min: min, port_range_max: max } = rule;
  if (min === null && max === null) return;
  if (rule.protocol === null) throw badRequest('Must also specify protocol if port range is given.', 'SecurityGroupProtocolRequiredWithPorts');
  if (min === null || max === null || min > max) throw badRequest('For TCP/UDP protocols, port_range_min must be <= port_range_max', 'SecurityGroupInvalidPortRange');
}

const identity = ['security_group_id', 'direction', 'ethertype', 'port_range_min', 'port_range_max', 'remote_ip_prefix', 'remote_group_id'] as const;

function isSame(a: SecurityGroupRuleRecord, b: SecurityGroupRuleRecord): boolean {
  return identity.every((name) => a[name] === b[name]) && protocolNumber(a.protocol) === protocolNumber(b.protocol);
}

/** A rule of this group that lets everything in. */
export function emptyRule(core: Core, group: SecurityGroupRecord): SecurityGroupRuleRecord {
  const now = timestamp(core);
  return {
    id: newId(core), project_id: group.project_id, security_group_id: group.id, direction: 'ingress', ethertype: 'IPv4', protocol: null,
    port_range_min: null, port_range_max: null, remote_ip_prefix: null, remote_group_id: null, remote_address_group_id: null, description: null,
    created_at: now, updated_at: now, revision_number: 0,
  };
}

/** The rule as it is shown. */
export function ruleView(rule: SecurityGroupRuleRecord): JsonObject {
  const range = rule.remote_ip_prefix === null ? undefined : parseCidr(rule.remote_ip_prefix);
  return { ...rule, tenant_id: rule.project_id, normalized_cidr: range ? formatCidr(range) : null };
}

/** Security groups, and the default group each project gets on first use. Nothing is filtered: only the API is simulated. */
import type { Core } from '../core.ts';
import { conflict } from '../errors.ts';
import type { JsonObject } from '../http/json.ts';
import type { Caller } from '../http/service.ts';
import { flag, type AttributeMap } from './attributes.ts';
import type { Collection } from './collection.ts';
import { checkQuota } from './quotas.ts';
import type { SecurityGroupRecord, SecurityGroupRuleRecord } from './records.ts';
import { emptyRule, ruleView } from './security-group-rules.ts';
import { assign, newStandard, standardAttributes, standardView } from './standard.ts';

const groupAttributes: AttributeMap = { ...standardAttributes, stateful: { on: 'cu', check: flag } };

export function securityGroups(core: Core): Collection<SecurityGroupRecord> {
  const { neutron } = core.state;
  return {
    path: 'security-groups', plural: 'security_groups', singular: 'security_group', attributes: groupAttributes,
    notFound: { code: 'SecurityGroupNotFound', message: (id) => `Security group ${id} does not exist` },
    table: () => neutron.securityGroups,
    view: (group) => groupView(core, group),
    beforeList: (caller) => ensureDefaultSecurityGroup(core, caller.projectId),
    create: (given, caller) => {
      ensureDefaultSecurityGroup(core, caller.projectId);
      if (given['name'] === 'default') throw conflict('SecurityGroupDefaultAlreadyExists', 'Default security group already exists.');
      checkQuota(core, caller.projectId, 'security_group');
      checkQuota(core, caller.projectId, 'security_group_rule', 2);
      return makeGroup(core, given, caller.projectId);
    },
    update: (group, given) => {
      if (group.name === 'default' && given['name'] !== undefined) throw conflict('SecurityGroupCannotUpdateDefault', 'Updating default security group not allowed.');
      assign(core, group, given, ['stateful']);
    },
    remove: (group, caller) => removeGroup(core, group, caller),
  };
}

/** Neutron makes it when a project first asks for networks, ports or groups. */
export function ensureDefaultSecurityGroup(core: Core, projectId: string): void {
  if (projectId !== '') defaultSecurityGroup(core, projectId);
}

export function defaultSecurityGroup(core: Core, projectId: string): SecurityGroupRecord {
  const existing = Object.values(core.state.neutron.securityGroups).find((group) => group.project_id === projectId && group.name === 'default');
  if (existing) return existing;
  const group = makeGroup(core, { name: 'default', description: 'Default security group' }, projectId);
  for (const ethertype of ['IPv4', 'IPv6'] as const) addRule(core, { group, direction: 'ingress', ethertype, remoteGroupId: group.id });
  return group;
}

function makeGroup(core: Core, given: JsonObject, projectId: string): SecurityGroupRecord {
  const group: SecurityGroupRecord = { ...newStandard(core, given, projectId), stateful: given['stateful'] !== false };
  core.state.neutron.securityGroups[group.id] = group;
  for (const ethertype of ['IPv4', 'IPv6'] as const) addRule(core, { group, direction: 'egress', ethertype });
  return group;
}

function addRule(core: Core, rule: { group: SecurityGroupRecord; direction: 'ingress' | 'egress'; ethertype: 'IPv4' | 'IPv6'; remoteGroupId?: string }): void {
  const record: SecurityGroupRuleRecord = {
    ...emptyRule(core, rule.group), direction: rule.direction, ethertype: rule.ethertype, remote_group_id: rule.remoteGroupId ?? null,
  };
  core.state.neutron.securityGroupRules[record.id] = record;
}

function removeGroup(core: Core, group: SecurityGroupRecord, caller: Caller): void {
  const { neutron } = core.state;
  if (group.name === 'default' && !caller.isAdmin) throw conflict('SecurityGroupCannotRemoveDefault', 'Insufficient rights for removing default security group.');
  const isUsed = Object.values(neutron.ports).some((port) => port.security_groups.includes(group.id));
  const isNamed = Object.values(neutron.securityGroupRules).some((rule) => rule.remote_group_id === group.id && rule.security_group_id !== group.id);
  if (isUsed) throw conflict('SecurityGroupInUse', `Security Group ${group.id} in use.`);
  for (const rule of Object.values(neutron.securityGroupRules)) {
    const isGone = rule.security_group_id === group.id || (isNamed && rule.remote_group_id === group.id);
    if (isGone) Reflect.deleteProperty(neutron.securityGroupRules, rule.id);
  }
  Reflect.deleteProperty(neutron.securityGroups, group.id);
}

function groupView(core: Core, group: SecurityGroupRecord): JsonObject {
  const rules = Object.values(core.state.neutron.securityGroupRules).filter((rule) => rule.security_group_id === group.id);
  return { ...standardView(group), stateful: group.stateful, shared: false, security_group_rules: rules.map((rule, i) => ({ ...ruleView(rule), standard_attr_id: i + 1, tags: [] })) };
}


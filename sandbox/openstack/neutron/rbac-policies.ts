/** RBAC policies: a project lends its network to another one. */
import { newId, type Core } from '../core.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import type { JsonObject } from '../http/json.ts';
import type { Caller } from '../http/service.ts';
import { anyText, disallowed, type AttributeMap } from './attributes.ts';
import type { Collection } from './collection.ts';
import { checkQuota } from './quotas.ts';
import type { NetworkRecord, RbacPolicyRecord } from './records.ts';

const actions = ['access_as_shared', 'access_as_external'];

const attributes: AttributeMap = {
  object_type: { on: 'c', check: anyText(255), isRequired: true },
  object_id: { on: 'c', check: anyText(255), isRequired: true },
  target_tenant: { on: 'cu', check: anyText(255), isRequired: true },
  action: { on: 'c', check: anyText(255), isRequired: true },
  project_id: { on: 'c', check: anyText(255) },
  tenant_id: { on: 'c', check: anyText(255) },
};

export function rbacPolicies(core: Core): Collection<RbacPolicyRecord> {
  const table = core.state.neutron.rbacPolicies;
  return {
    path: 'rbac-policies', plural: 'rbac_policies', singular: 'rbac_policy', attributes,
    notFound: { code: 'RbacPolicyNotFound', message: (id) => `RBAC policy of type ${table[id] ? 'network' : 'unknown'} with ID ${id} not found` },
    table: () => table,
    view: (policy) => ({ ...policy, tenant_id: policy.project_id }),
    create: (given, caller) => create(core, given, caller),
    update: (policy, given) => {
      checkUnused(core, policy);
      policy.target_tenant = String(given['target_tenant']);
    },
    remove: (policy) => {
      checkUnused(core, policy);
      Reflect.deleteProperty(table, policy.id);
    },
  };
}

/** How this caller may use a network of someone else. */
export function isLent(core: Core, network: Pick<NetworkRecord, 'id'>, caller: Pick<Caller, 'projectId'>, action: RbacPolicyRecord['action'] = 'access_as_shared'): boolean {
  return Object.values(core.state.neutron.rbacPolicies).some((policy) => (
    policy.object_id === network.id && policy.action === action && (policy.target_tenant === '*' || policy.target_tenant === caller.projectId)));
}

/** Networks take their policies with them. */
export function dropPoliciesOf(core: Core, networkId: string): void {
  const table = core.state.neutron.rbacPolicies;
  for (const policy of Object.values(table)) if (policy.object_id === networkId) Reflect.deleteProperty(table, policy.id);
}

function create(core: Core, given: JsonObject, caller: Caller): RbacPolicyRecord {
  const { object_type, object_id, target_tenant, action } = given as Record<'object_type' | 'object_id' | 'target_tenant' | 'action', string>;
  if (target_tenant === '*' && !caller.isAdmin) throw disallowedForAll();
  if (object_type !== 'network') throw invalid(`'${object_type}' is not a valid RBAC object type`);
  if (!actions.includes(action)) {
    throw badRequest(`Invalid action '${action}' for object type '${object_type}'. Valid actions: ('access_as_shared', 'access_as_external')`, 'InvalidActionForType');
  }
  const network = core.state.neutron.networks[object_id];
  if (!network) throw invalid(`Network ${object_id} could not be found.`);
  if (!caller.isAdmin && network.project_id !== caller.projectId) throw invalid('Only admins can manipulate policies on networks they do not own');
  checkQuota(core, caller.projectId, 'rbac_policy');
  const table = core.state.neutron.rbacPolicies;
  const isThere = Object.values(table).some((one) => one.object_id === object_id && one.target_tenant === target_tenant && one.action === action);
  if (isThere) throw conflict('DuplicateRbacPolicy', 'An RBAC policy already exists with those values.');
  const policy: RbacPolicyRecord = { id: newId(core), project_id: caller.projectId, object_type, object_id, target_tenant, action: action as RbacPolicyRecord['action'] };
  table[policy.id] = policy;
  return policy;
}

/** The rule that fails is that of `target_tenant`, but policy tells the whole chain. */
function disallowedForAll(): Error {
  const chain = ['object_type', 'object_id', 'target_tenant', 'action'].reduce((rule, name) => `(${rule} and rule:create_rbac_policy:${name})`, 'rule:create_rbac_policy');
  const refusal = disallowed('create', 'rbac_policy');
  refusal.message = `${chain} is disallowed by policy`;
  return refusal;
}

/** @throws ApiError 409 while the other project has ports on the network */
function checkUnused(core: Core, policy: RbacPolicyRecord): void {
  const network = core.state.neutron.networks[policy.object_id];
  const isUsed = Object.values(core.state.neutron.ports).some((port) => (
    port.network_id === policy.object_id && port.project_id !== '' && port.project_id !== network?.project_id && (policy.target_tenant === '*' || policy.target_tenant === port.project_id)));
  if (!isUsed) return;
  throw conflict('RbacPolicyInUse', `RBAC policy on object ${policy.object_id} cannot be removed because other objects depend on it.\nDetails: Unable to reconfigure sharing settings for network ${policy.object_id}. Multiple tenants are using it.`);
}

function invalid(why: string): ReturnType<typeof notFound> {
  return badRequest(`Invalid input for operation: ${why}.`, 'InvalidInput');
}

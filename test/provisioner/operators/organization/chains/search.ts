/** Every chain of at most two steps from somebody to what they must not reach. */
import type { BindingItem, PolicyRule } from '../../../../../policies/tenancy/lint/rbac-objects.ts';
import { grantsTo, type Identity, isAllowed, type RbacState } from '../../../../../policies/tenancy/rights/evaluate.ts';
import type { ResourceRequest } from '../../../../../policies/tenancy/rights/rule.ts';
import { type Step, stepsIn, type Write } from './steps.ts';
import type { World } from './world.ts';

/** The API server, for what is not data: admission, and RBAC's own refusal to give more than one has. */
export interface Asking {
  /** A dry run as somebody. @returns why it is refused; undefined where it is taken */
  refusal(identity: Identity, write: Write): Promise<string | undefined>;
  /** The binding holds while `run` does. */
  during(binding: BindingItem, run: () => Promise<void>): Promise<void>;
}

export interface Search {
  /** "token of org-acme/helper → reads Secrets of org-acme". */
  readonly chains: string[];
  /** Steps that RBAC gives and admission does not, with its words. */
  readonly refused: string[];
  /** Steps that were there to take, those that RBAC gave, and those that could be taken. */
  readonly steps: { seen: number; given: number; open: number };
}

const maxSteps = 2;

export async function chainsFrom(world: World, start: Identity, asking: Asking): Promise<Search> {
  const search: Search = { chains: [], refused: [], steps: { seen: 0, given: 0, open: 0 } };
  await explore({ world, identity: start, path: [], asking, search, met: new Set([start.user]) });
  return search;
}

interface Place {
  readonly world: World;
  readonly identity: Identity;
  readonly path: readonly string[];
  readonly asking: Asking;
  readonly search: Search;
  /** Who was somebody already on this way. */
  readonly met: ReadonlySet<string>;
}

async function explore(place: Place): Promise<void> {
  const { world, identity, path, asking, search } = place;
  const may = rightsOf(world, identity);
  const reached = [...new Set(world.terrain.goals.filter(({ request }) => may(request)).map((goal) => goal.what))];
  search.chains.push(...reached.map((what) => [...path, what].join(' → ')));
  // Whoever is there already needs no further step.
  if (reached.length > 0 || path.length === maxSteps) return;
  const steps = allSteps(world, identity);
  const given = steps.filter(({ needs }) => needs.every(may));
  search.steps.seen += steps.length;
  search.steps.given += given.length;
  for (const step of given) {
    if (step.leads.kind === 'gain' && !addsTo(may, step.leads.binding, world)) continue;
    const refusal = step.writes && (await asking.refusal(identity, step.writes));
    if (refusal !== undefined) {
      search.refused.push(`${step.what}: ${refusal}`);
      continue;
    }
    search.steps.open += 1;
    await take(step, place);
  }
}

async function take({ what, leads }: Step, place: Place): Promise<void> {
  const path = [...place.path, what];
  const { world, search, met } = place;
  if (leads.kind === 'goal') return void search.chains.push([...path, leads.what].join(' → '));
  if (leads.kind === 'become') return met.has(leads.identity.user) ? undefined : await explore({ ...place, path, identity: leads.identity, met: new Set([...met, leads.identity.user]) });
  const { binding } = leads;
  const grown = { ...world, rbac: { ...world.rbac, bindings: [...world.rbac.bindings, binding] } };
  await place.asking.during(binding, () => explore({ ...place, path, world: grown }));
}

export const allSteps = (world: World, identity: Identity): Step[] => [...stepsIn(world, identity), ...world.terrain.deputies];

/** RBAC's answer from the data, for one identity. */
export function rightsOf({ rbac }: World, identity: Identity): (request: ResourceRequest) => boolean {
  const grants = grantsTo(rbac, identity);
  const [roles, bindings] = [new Set(grants.map(({ role }) => role)), new Set(grants.map(({ binding }) => binding))];
  const own: RbacState = { roles: rbac.roles.filter(({ ref }) => roles.has(ref)), bindings: rbac.bindings.filter(({ ref }) => bindings.has(ref)) };
  return (request) => isAllowed(own, identity, request);
}

/** Whether a role has anything that the holder has not. */
function addsTo(may: (request: ResourceRequest) => boolean, { ref, roleRef }: BindingItem, { rbac }: World): boolean {
  const role = rbac.roles.find((one) => one.ref.kind === roleRef.kind && one.ref.name === roleRef.name && (one.ref.namespace ?? ref.namespace) === ref.namespace);
  return role?.rules.flatMap(requestsOf).some((request) => !may({ ...request, ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }) })) ?? false;
}

function requestsOf({ apiGroups, resources, verbs, resourceNames }: PolicyRule): ResourceRequest[] {
  const names = resourceNames.length === 0 ? [undefined] : resourceNames;
  return apiGroups.flatMap((apiGroup) => resources.flatMap((text) => verbs.flatMap((verb) => names.map((name) => {
    const [resource = '', subresource] = text.split('/');
    return { verb, apiGroup, resource, ...(subresource === undefined ? {} : { subresource }), ...(name === undefined ? {} : { name }) };
  }))));
}

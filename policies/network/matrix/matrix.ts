/** Who reaches whom, as people want to see it: one row and one column per component, workload, kind of node, and what is outside. */
import { anAddressOutside, podEndpoint, podsOf } from '../check/questions.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import type { Endpoint, Pod, PolicyObject, World } from '../model.ts';
import { type Reachability, reachability } from '../reachability/index.ts';
import { formatSpans, type Spans } from '../reachability/spans.ts';
import { standInTenant } from '../world/stand-ins.ts';

export interface Party {
  readonly label: string;
  readonly endpoint: Endpoint;
}

export interface Cell {
  readonly kind: 'closed' | 'some' | 'everything' | 'self';
  /** "nothing", "TCP 8080", "everything". */
  readonly ports: string;
  /** How many spans of ports; 0 where it is closed. */
  readonly spans: number;
}

export interface Matrix {
  readonly parties: readonly Party[];
  /** Rows are senders. */
  readonly cells: readonly (readonly Cell[])[];
}

export function matrix(world: World, policies: readonly PolicyObject[], catalogue: Catalogue): Matrix {
  const reach = reachability(world, policies);
  const parties = partiesOf(world, catalogue).flatMap((party) => {
    const group = groupOf(reach, party.endpoint);
    return group === undefined ? [] : [{ ...party, group }];
  });
  return {
    parties,
    cells: parties.map((from) => parties.map((to) => (from === to && !hasTwo(reach, from.group) ? { kind: 'self', ports: 'itself', spans: 0 } : cellOf(reach.open(from.group, to.group))))),
  };
}

function cellOf(spans: Spans): Cell {
  const ports = formatSpans(spans);
  return { kind: spans.length === 0 ? 'closed' : ports === 'everything' ? 'everything' : 'some', ports, spans: spans.length };
}

const hasTwo = (reach: Reachability, group: number): boolean => (reach.groups[group]?.members.length ?? 0) > 1;

/** What is outside has as many groups as policies tell apart; the widest stands for them. */
function groupOf(reach: Reachability, endpoint: Endpoint): number | undefined {
  const text = JSON.stringify(endpoint);
  const found = reach.groups.findIndex(({ members }) => members.some((member) => JSON.stringify(member) === text));
  if (found >= 0) return found;
  if (endpoint.kind !== 'address') return undefined;
  const wide = reach.groups.findIndex(({ label }) => label.startsWith('0.0.0.0/0'));
  return wide < 0 ? undefined : wide;
}

/** Stand-ins are named for what they stand for. */
function labelOf({ namespace, name }: Pod): string {
  if (namespace === standInTenant.namespace) return 'a namespace without policies';
  return (standInTenant.pods as readonly string[]).includes(name) ? `namespace ${namespace}` : `${namespace}/${name.replace(/-\d+$/, '')}`;
}

function partiesOf(world: World, catalogue: Catalogue): readonly Party[] {
  const known = catalogue.contracts.filter(({ pods }) => !pods.hostNetwork).flatMap((contract) => podsOf(contract, world).slice(0, 1).map((pod) => ({ pod, label: contract.component })));
  const contracted = new Set(catalogue.contracts.flatMap((contract) => podsOf(contract, world)));
  const others = new Map<string, Pod>();
  for (const pod of world.pods) {
    const label = labelOf(pod);
    if (!pod.hostNetwork && !contracted.has(pod) && !others.has(label)) others.set(label, pod);
  }
  const node = (isControlPlane: boolean, label: string): readonly Party[] => world.nodes.filter((one) => one.isControlPlane === isControlPlane).slice(0, 1).map(({ name }) => ({ label, endpoint: { kind: 'node', name } }));
  return [
    ...known.map(({ pod, label }): Party => ({ label, endpoint: podEndpoint(pod) })),
    ...[...others].map(([label, pod]): Party => ({ label, endpoint: podEndpoint(pod) })),
    ...node(true, 'control planes'), ...node(false, 'workers'),
    { label: 'outside', endpoint: { kind: 'address', ip: anAddressOutside } },
  ];
}

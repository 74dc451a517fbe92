/** The form that all three kinds of policies are brought into: one rule is one entry of ingress, ingressDeny, egress or egressDeny. */
import type { RuleReference } from '../model.ts';
import type { Requirement } from './labels.ts';
import type { Peer } from './peers.ts';
import type { PortMatch } from './ports.ts';

export interface Rule {
  readonly reference: RuleReference;
  readonly direction: 'ingress' | 'egress';
  readonly verdict: 'allow' | 'deny';
  /** Whom the rule is about. */
  readonly subject: readonly Requirement[];
  /** Of a namespaced policy: it is never applied outside its namespace. */
  readonly namespace: string | undefined;
  /** A host policy: about nodes, never about pods; the others the other way round. */
  readonly isAboutNodes: boolean;
  /** Closes the direction for its subjects, except for what is allowed. */
  readonly hasDefaultDeny: boolean;
  /** `none`: matches nothing, but still counts for default deny. */
  readonly peers: 'any' | 'none' | readonly Peer[];
  /** `all`: every protocol, ICMP too. An empty list matches nothing. */
  readonly ports: 'all' | readonly PortMatch[];
  /** Traffic is allowed only after both ends proved who they are. */
  readonly needsAuthentication: boolean;
}

/** "CiliumNetworkPolicy shop/db spec.ingress[0]". */
export function formatRule({ reference: { policy, path } }: Rule): string {
  return `${policy.kind} ${policy.namespace === undefined ? '' : `${policy.namespace}/`}${policy.name} ${path}`;
}

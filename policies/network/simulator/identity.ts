/** What policies see of one end of a flow. Two ends with equal identities get equal verdicts. */
import type { Labels } from '../model.ts';
import type { Address } from './addresses.ts';
import type { IdentityLabels } from './labels.ts';
import type { NamedPorts } from './ports.ts';

export interface CidrGroup {
  readonly name: string;
  readonly labels: Labels;
}

export interface Identity {
  readonly labels: IdentityLabels;
  /** The node whose agent asks: subject of host policies, and "host" to its pods. */
  readonly isLocalHost: boolean;
  /** Where CIDRs can match: the address outside the cluster; those of a node. Empty for pods. */
  readonly addresses: readonly Address[];
  /** CiliumCIDRGroups that contain one of the addresses. */
  readonly groups: readonly CidrGroup[];
  /** DNS name, for an end that is only known by it. */
  readonly name: string | undefined;
  readonly ports: NamedPorts;
}

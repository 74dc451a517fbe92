/** Kubernetes versions, as far as settings depend on them. */
import type { Inputs } from '../patches/inputs.ts';

/** The oldest and newest minor version the class makes clusters of. Structured authentication is v1 since 1.34; newer ones are not tested. */
export const supportedMinors = { oldest: 34, newest: 36 } as const;

/** "v1.36.3" → 36; undefined for anything else. */
export function minorOf(version: string): number | undefined {
  const match = /^v?1\.(\d{1,3})(\.|$)/.exec(version);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** The version of the template's own machines: while a cluster is upgraded, control plane and groups differ. */
export function versionOf({ builtin }: Inputs): string {
  return builtin.machineDeployment?.version ?? builtin.controlPlane?.version ?? builtin.cluster.topology.version;
}

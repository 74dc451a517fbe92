/**
 * The Pod Security Standards, whole: 19 checks by level and version. The order is the one in which the reference
 * implementation reports (baseline first, by id), so that two reports of one pod can be compared line by line.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
import type { Check, CheckId, Level, Revision } from './check.ts';
import { hostNamespaces, hostPathVolumes, hostPorts, hostProbesAndHostLifecycle, windowsHostProcess } from './checks/host.ts';
import { appArmorProfile, procMount, procMountRestricted, seccompProfileBaseline, seccompProfileRestricted, seLinuxOptions, sysctls } from './checks/kernel.ts';
import { allowPrivilegeEscalation, capabilitiesBaseline, capabilitiesRestricted, privileged, runAsNonRoot, runAsUser } from './checks/privilege.ts';
import { restrictedVolumes } from './checks/volumes.ts';

export type Table = readonly Check[];

export const table: Table = [
  appArmorProfile, capabilitiesBaseline, hostNamespaces, hostPathVolumes, hostPorts, hostProbesAndHostLifecycle, privileged, procMount,
  seLinuxOptions, seccompProfileBaseline, sysctls, windowsHostProcess,
  allowPrivilegeEscalation, capabilitiesRestricted, procMountRestricted, restrictedVolumes, runAsNonRoot, runAsUser, seccompProfileRestricted,
];

/** A check as it is at one version. */
export interface CheckInForce {
  readonly check: Check;
  readonly revision: Revision;
}

/** The checks that decide about a level at a version: at restricted without those that a stricter one replaces. */
export function checksInForce(level: Level, minor: number, checks: Table = table): CheckInForce[] {
  if (level === 'privileged') return [];
  const atVersion = checks.flatMap((check) => {
    const revision = revisionAt(check, minor);
    return revision ? [{ check, revision }] : [];
  });
  if (level === 'baseline') return atVersion.filter(({ check }) => check.level === 'baseline');
  const replaced = new Set(atVersion.map(({ check }) => check.replaces));
  return atVersion.filter(({ check }) => !replaced.has(check.id));
}

/** The last revision that is not newer than the version; undefined before the first. */
export function revisionAt(check: Check, minor: number): Revision | undefined {
  return check.revisions.findLast((revision) => revision.since <= minor);
}

export function checkOf(id: CheckId): Check | undefined {
  return table.find((check) => check.id === id);
}

export function isCheckId(text: string): text is CheckId {
  return table.some((check) => check.id === text);
}

/**
 * From PodSecurityPolicy (removed in Kubernetes 1.25) to the Pod Security Standards: which level comes closest, what is kept,
 * what is lost, and which exception takes the place of a list of allowed host paths.
 * https://kubernetes.io/docs/tasks/configure-pod-container/migrate-from-psp/
 */
import type { CheckId, Level } from './check.ts';
import { PodPolicyError } from './errors.ts';
import { asFields, asList, type Fields } from './fields.ts';

export interface PspMigration {
  readonly name: string;
  /** The level that comes closest: the highest of which the policy allowed none of the checks asked here to be broken. Profiles of SELinux, AppArmor and seccomp are not asked: policies had them in annotations, or not at all. */
  readonly level: Level;
  /** Fields whose demand a check takes over. */
  readonly kept: readonly { readonly field: string; readonly check: CheckId }[];
  /** Fields that nothing of the standard replaces, with what to do instead. */
  readonly lost: readonly { readonly field: string; readonly instead: string }[];
  /** Checks that pods may break which the policy allowed: what their exceptions have to waive. */
  readonly waive: readonly { readonly check: CheckId; readonly field: string; readonly how: string }[];
}

/** @throws PodPolicyError PODS_PSP for another kind; PODS_SHAPE */
export function migratePsp(object: Fields): PspMigration {
  if (object['kind'] !== 'PodSecurityPolicy') throw new PodPolicyError('PODS_PSP', `${String(object['kind'])} is not a PodSecurityPolicy: give policy/v1beta1 PodSecurityPolicy objects`);
  const spec = asFields(object['spec'] ?? {}, 'spec');
  const kept: PspMigration['kept'][number][] = [];
  const waive: PspMigration['waive'][number][] = [];
  for (const { check, field, isOpen, how } of questions) {
    if (isOpen(spec)) waive.push({ check, field, how });
    else kept.push({ field, check });
  }
  const broken = new Set(waive.map(({ check }) => check));
  const level: Level = baselineChecks.some((check) => broken.has(check)) ? 'privileged' : broken.size > 0 ? 'baseline' : 'restricted';
  return { name: String(asFields(object['metadata'] ?? {}, 'metadata')['name'] ?? ''), level, kept, lost: lostFields(spec), waive };
}

const isTrue = (field: string) => (spec: Fields): boolean => spec[field] === true;
const list = (spec: Fields, field: string): readonly unknown[] => asList(spec[field] ?? [], `spec.${field}`);
const rule = (spec: Fields, field: string): unknown => asFields(spec[field] ?? {}, `spec.${field}`)['rule'];

/** Per check: the field that decided it, and when pods that break the check could pass the policy. */
const questions: readonly { readonly check: CheckId; readonly field: string; readonly isOpen: (spec: Fields) => boolean; readonly how: string }[] = [
  { check: 'privileged', field: 'privileged', isOpen: isTrue('privileged'), how: 'an exception for each workload with privileged containers' },
  { check: 'hostNamespaces', field: 'hostPID, hostIPC, hostNetwork', isOpen: (spec) => ['hostPID', 'hostIPC', 'hostNetwork'].some((field) => spec[field] === true), how: 'an exception for each workload in a namespace of the node' },
  { check: 'hostPorts', field: 'hostPorts', isOpen: (spec) => list(spec, 'hostPorts').length > 0, how: 'an exception for each workload with host ports; the range of ports is lost, any port is then allowed to it' },
  { check: 'hostPathVolumes', field: 'volumes, allowedHostPaths', isOpen: (spec) => allowsVolume(spec, 'hostPath'), how: hostPathAdvice() },
  { check: 'restrictedVolumes', field: 'volumes', isOpen: (spec) => list(spec, 'volumes').some((volume) => !harmlessVolumes.has(String(volume))), how: 'an exception for each workload with such volumes, or a PersistentVolumeClaim instead' },
  { check: 'capabilities_restricted', field: 'requiredDropCapabilities, allowedCapabilities', isOpen: (spec) => !list(spec, 'requiredDropCapabilities').includes('ALL') || list(spec, 'allowedCapabilities').some((name) => name !== 'NET_BIND_SERVICE'), how: 'set capabilities.drop: [ALL] in the workloads, or an exception' },
  { check: 'allowPrivilegeEscalation', field: 'allowPrivilegeEscalation', isOpen: (spec) => spec['allowPrivilegeEscalation'] !== false, how: 'set allowPrivilegeEscalation: false in the workloads: the standard only refuses, it sets nothing' },
  { check: 'runAsNonRoot', field: 'runAsUser', isOpen: (spec) => rule(spec, 'runAsUser') !== 'MustRunAsNonRoot' && !startsAboveZero(spec), how: 'set runAsNonRoot: true in the workloads, or an exception' },
  { check: 'procMount', field: 'allowedProcMountTypes', isOpen: (spec) => list(spec, 'allowedProcMountTypes').some((type) => type !== 'Default'), how: 'an exception, or a user namespace (hostUsers: false) from v1.35 on' },
  { check: 'sysctls', field: 'allowedUnsafeSysctls', isOpen: (spec) => list(spec, 'allowedUnsafeSysctls').length > 0, how: 'set them on the nodes, or an exception' },
];

/** Checks of baseline among these. */
const baselineChecks: readonly CheckId[] = ['privileged', 'hostNamespaces', 'hostPorts', 'hostPathVolumes', 'procMount', 'sysctls'];
const harmlessVolumes = new Set(['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret']);

function allowsVolume(spec: Fields, type: string): boolean {
  return list(spec, 'volumes').some((volume) => volume === type || volume === '*');
}

function hostPathAdvice(): string {
  return 'an exception for each workload with host paths, by exact name: it waives the check whole, so the paths and their readOnly are held by reviewing the workload, not by the policy';
}

function startsAboveZero(spec: Fields): boolean {
  const ranges = asList(asFields(spec['runAsUser'] ?? {}, 'spec.runAsUser')['ranges'] ?? [], 'spec.runAsUser.ranges');
  return rule(spec, 'runAsUser') === 'MustRunAs' && ranges.length > 0 && ranges.every((range) => Number(asFields(range, 'spec.runAsUser.ranges[*]')['min']) > 0);
}

function lostFields(spec: Fields): PspMigration['lost'][number][] {
  const lost: PspMigration['lost'][number][] = [];
  const note = (field: string, isUsed: boolean, instead: string): void => void (isUsed && lost.push({ field, instead }));
  const hasRanges = (field: string): boolean => asList(asFields(spec[field] ?? {}, `spec.${field}`)['ranges'] ?? [], `spec.${field}.ranges`).length > 0;
  note('allowedHostPaths', list(spec, 'allowedHostPaths').length > 0, hostPathAdvice());
  note('hostPorts ranges', list(spec, 'hostPorts').length > 0, 'ports are either free or not: review the workloads of the exceptions');
  note('runAsUser ranges', hasRanges('runAsUser'), 'only user 0 is refused; set runAsUser in the workloads');
  note('fsGroup ranges', hasRanges('fsGroup'), 'set fsGroup in the workloads; Kyverno can set defaults');
  note('supplementalGroups ranges', hasRanges('supplementalGroups'), 'set supplementalGroups in the workloads');
  note('runAsGroup ranges', hasRanges('runAsGroup'), 'set runAsGroup in the workloads');
  note('readOnlyRootFilesystem', spec['readOnlyRootFilesystem'] === true, 'set it in the workloads: it is outside the standard');
  note('defaultAddCapabilities', list(spec, 'defaultAddCapabilities').length > 0, 'add them in the workloads: the standard sets nothing');
  note('defaultAllowPrivilegeEscalation', spec['defaultAllowPrivilegeEscalation'] === false, 'set allowPrivilegeEscalation: false in the workloads');
  note('allowedFlexVolumes', list(spec, 'allowedFlexVolumes').length > 0, 'use a CSI driver');
  note('allowedCSIDrivers', list(spec, 'allowedCSIDrivers').length > 0, 'the drivers that are installed are the ones that are allowed');
  note('runtimeClass', spec['runtimeClass'] !== undefined && spec['runtimeClass'] !== null, 'set runtimeClassName in the workloads');
  return lost;
}

/** What would give a container more rights than an ordinary process: privileged mode, setuid programs, capabilities, root. */
import type { Check, Rule } from '../check.ts';

export const privileged: Check = {
  id: 'privileged',
  level: 'baseline',
  title: 'privileged containers',
  why: 'A privileged container has every capability and device of its node: it is the node.',
  revisions: [{ since: 0, rules: [{ kind: 'allowed', paths: ['C[*].securityContext.privileged'], allowed: [false], fix: 'remove privileged; add the one capability that is needed, or ask for an exception' }] }],
  source: 'policy/check_privileged.go',
};

/** What container runtimes give by default, without NET_RAW. */
const defaultCapabilities = [
  'AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT',
];

export const capabilitiesBaseline: Check = {
  id: 'capabilities_baseline',
  level: 'baseline',
  title: 'added capabilities',
  why: 'Capabilities beyond the default set (SYS_ADMIN, NET_ADMIN, NET_RAW …) change the node or watch its network.',
  revisions: [{ since: 0, rules: [{ kind: 'allowed', paths: ['C[*].securityContext.capabilities.add[*]'], allowed: defaultCapabilities, unset: 'refused', fix: 'remove this capability from capabilities.add' }] }],
  source: 'policy/check_capabilities_baseline.go',
};

const dropAll: readonly Rule[] = [
  { kind: 'contains', path: 'C[*].securityContext.capabilities.drop', value: 'ALL', fix: 'set capabilities.drop: [ALL]' },
  { kind: 'allowed', paths: ['C[*].securityContext.capabilities.add[*]'], allowed: ['NET_BIND_SERVICE'], unset: 'refused', fix: 'remove this capability from capabilities.add' },
];

export const capabilitiesRestricted: Check = {
  id: 'capabilities_restricted',
  level: 'restricted',
  title: 'capabilities that are not dropped',
  why: 'Few programs need any capability; one that has none cannot misuse it.',
  revisions: [{ since: 22, rules: dropAll }, { since: 25, rules: dropAll, exempts: 'windows' }],
  replaces: 'capabilities_baseline',
  source: 'policy/check_capabilities_restricted.go',
};

const noEscalation: readonly Rule[] = [
  { kind: 'required', path: 'C[*].securityContext.allowPrivilegeEscalation', allowed: [false], fix: 'set allowPrivilegeEscalation: false' },
];

export const allowPrivilegeEscalation: Check = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  title: 'privilege escalation',
  why: 'Without it no setuid program in the image can give a process more rights than its parent has.',
  revisions: [{ since: 8, rules: noEscalation }, { since: 25, rules: noEscalation, exempts: 'windows' }],
  source: 'policy/check_allowPrivilegeEscalation.go',
};

const nonRoot: readonly Rule[] = [
  { kind: 'allowed', paths: ['spec.securityContext.runAsNonRoot', 'C[*].securityContext.runAsNonRoot'], allowed: [true], fix: 'set runAsNonRoot: true, and a user other than 0 in the image or in runAsUser' },
  { kind: 'required', path: 'C[*].securityContext.runAsNonRoot', inherits: 'spec.securityContext.runAsNonRoot', allowed: [true], fix: 'set runAsNonRoot: true for the pod or for this container' },
];

export const runAsNonRoot: Check = {
  id: 'runAsNonRoot',
  level: 'restricted',
  title: 'containers that may run as root',
  why: 'Root in a container is root on the node once it gets out.',
  revisions: [{ since: 0, rules: nonRoot }, { since: 35, rules: nonRoot, exempts: 'userNamespace' }],
  source: 'policy/check_runAsNonRoot.go, KEP-127',
};

const notUserZero: readonly Rule[] = [
  { kind: 'refused', paths: ['spec.securityContext.runAsUser', 'C[*].securityContext.runAsUser'], refused: [0], fix: 'remove runAsUser or set it to another number than 0' },
];

export const runAsUser: Check = {
  id: 'runAsUser',
  level: 'restricted',
  title: 'user 0',
  why: 'User 0 is root whatever runAsNonRoot says later.',
  revisions: [{ since: 23, rules: notUserZero }, { since: 35, rules: notUserZero, exempts: 'userNamespace' }],
  source: 'policy/check_runAsUser.go, KEP-127',
};

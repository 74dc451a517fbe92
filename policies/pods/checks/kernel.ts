/** How the kernel confines a container: AppArmor, SELinux, seccomp, the masks over /proc, sysctls. */
import type { Check, Rule } from '../check.ts';

export const appArmorProfile: Check = {
  id: 'appArmorProfile',
  level: 'baseline',
  title: 'AppArmor profiles',
  why: "Without a profile AppArmor does not confine the container; a profile of the node's own is as good as the runtime's.",
  revisions: [
    {
      since: 0,
      rules: [
        {
          kind: 'allowed',
          paths: ['spec.securityContext.appArmorProfile.type', 'C[*].securityContext.appArmorProfile.type'],
          allowed: ['RuntimeDefault', 'Localhost'],
          unset: 'refused',
          fix: 'remove appArmorProfile or set its type to RuntimeDefault or Localhost',
        },
        {
          kind: 'annotations',
          prefix: 'container.apparmor.security.beta.kubernetes.io/',
          allowed: ['', 'runtime/default'],
          allowedPrefix: 'localhost/',
          fix: 'remove this annotation or set it to runtime/default',
        },
      ],
    },
  ],
  source: 'policy/check_appArmorProfile.go',
};

const seLinuxRules = (types: readonly string[]): readonly Rule[] => [
  { kind: 'allowed', paths: ['spec.securityContext.seLinuxOptions.type', 'C[*].securityContext.seLinuxOptions.type'], allowed: types, fix: 'remove the SELinux type; container_t is the default' },
  { kind: 'allowed', paths: ['spec.securityContext.seLinuxOptions.user', 'C[*].securityContext.seLinuxOptions.user'], allowed: [''], fix: 'remove the SELinux user' },
  { kind: 'allowed', paths: ['spec.securityContext.seLinuxOptions.role', 'C[*].securityContext.seLinuxOptions.role'], allowed: [''], fix: 'remove the SELinux role' },
];
const containerTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

export const seLinuxOptions: Check = {
  id: 'seLinuxOptions',
  level: 'baseline',
  title: 'SELinux options',
  why: 'Another type, user or role takes the container out of the confinement that SELinux gives containers.',
  revisions: [{ since: 0, rules: seLinuxRules(containerTypes) }, { since: 31, rules: seLinuxRules([...containerTypes, 'container_engine_t']) }],
  source: 'policy/check_seLinuxOptions.go',
};

const maskedProc: readonly Rule[] = [
  { kind: 'allowed', paths: ['C[*].securityContext.procMount'], allowed: ['Default'], fix: 'remove procMount' },
];

export const procMount: Check = {
  id: 'procMount',
  level: 'baseline',
  title: 'unmasked /proc',
  why: "The runtime hides parts of /proc that show or change the node's kernel.",
  revisions: [{ since: 0, rules: maskedProc }, { since: 35, rules: maskedProc, exempts: 'userNamespace' }],
  source: 'policy/check_procMount_baseline.go, KEP-4265',
};

export const procMountRestricted: Check = {
  id: 'procMount_restricted',
  level: 'restricted',
  title: 'unmasked /proc, in a user namespace too',
  why: 'From v1.35 on baseline allows it in a user namespace; restricted does not.',
  revisions: [{ since: 35, rules: maskedProc }],
  replaces: 'procMount',
  source: 'policy/check_procMount_restricted.go',
};

const confinedProfiles = ['RuntimeDefault', 'Localhost'];
const explicitSeccomp: Rule = {
  kind: 'allowed',
  paths: ['spec.securityContext.seccompProfile.type', 'C[*].securityContext.seccompProfile.type'],
  allowed: confinedProfiles,
  unset: 'refused',
  fix: 'set seccompProfile.type to RuntimeDefault or Localhost',
};

export const seccompProfileBaseline: Check = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  title: 'unconfined seccomp profiles',
  why: 'Unconfined lets a process use every system call, the rarely tested ones too.',
  revisions: [{ since: 19, rules: [explicitSeccomp] }],
  source: 'policy/check_seccompProfile_baseline.go (fields since v1.19; annotations before)',
};

const seccompRules: readonly Rule[] = [
  explicitSeccomp,
  {
    kind: 'required',
    path: 'C[*].securityContext.seccompProfile.type',
    inherits: 'spec.securityContext.seccompProfile.type',
    allowed: confinedProfiles,
    fix: 'set seccompProfile.type: RuntimeDefault for the pod or for this container',
  },
];

export const seccompProfileRestricted: Check = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  title: 'missing seccomp profiles',
  why: 'Where no profile is set, most nodes run the container unconfined.',
  revisions: [{ since: 19, rules: seccompRules }, { since: 25, rules: seccompRules, exempts: 'windows' }],
  replaces: 'seccompProfile_baseline',
  source: 'policy/check_seccompProfile_restricted.go',
};

/** Allowed sysctls, by the minor version that brought them. */
const sysctlsSince: readonly (readonly [number, readonly string[]])[] = [
  [0, ['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start']],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [29, ['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes']],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
  [37, ['net.ipv4.tcp_slow_start_after_idle', 'net.ipv4.tcp_notsent_lowat']],
];

export const sysctls: Check = {
  id: 'sysctls',
  level: 'baseline',
  title: 'sysctls',
  why: 'A sysctl that is not kept apart per pod changes the node for everyone on it.',
  revisions: sysctlsSince.map(([since], i) => ({
    since,
    rules: [
      {
        kind: 'allowed' as const,
        paths: ['spec.securityContext.sysctls[*].name'],
        allowed: sysctlsSince.slice(0, i + 1).flatMap(([, names]) => names),
        unset: 'refused' as const,
        fix: 'remove this sysctl; set it on the nodes if all their pods may have it',
      },
    ],
  })),
  source: 'policy/check_sysctls.go',
};

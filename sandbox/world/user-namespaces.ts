/** Why a plain user gets no user namespace on this machine, in one line that says what to do. */
import { readFile } from 'node:fs/promises';

/** What the machine says about user namespaces; a text is undefined where there is no such file. */
export interface UserNamespaceKnobs {
  /** /proc/sys/kernel/unprivileged_userns_clone (Debian, Arch): 0 keeps them for root. */
  readonly unprivilegedClone: string | undefined;
  /** /proc/sys/user/max_user_namespaces: 0 gives nobody any (RHEL 7, hardened images). */
  readonly maxNamespaces: string | undefined;
  /** /proc/sys/kernel/apparmor_restrict_unprivileged_userns (Ubuntu 23.10 and later): 1 takes all rights inside them away. */
  readonly appArmor: string | undefined;
  /** /proc/self/status; a seccomp filter (mode 2) is that of a container engine, or of systemd's RestrictNamespaces. */
  readonly status: string | undefined;
  /** Whether there is /proc/self/ns/user. */
  readonly isInKernel: boolean;
}

const orSudo = 'or run the command with sudo';

/** The first knob that forbids them, strictest first. @param reason what the kernel said to the attempt */
export function whyRefused(knobs: UserNamespaceKnobs, reason: string): string {
  const because = (knob: string, allow: string): string => `this machine gives a plain user no user namespace: ${knob}; ${allow} (until the next boot), ${orSudo}`;
  if (!knobs.isInKernel) return `the kernel has no user namespaces (CONFIG_USER_NS); run the command with sudo`;
  if (knobs.maxNamespaces?.trim() === '0') return because('user.max_user_namespaces is 0', 'allow them with "sudo sysctl user.max_user_namespaces=28633"');
  if (knobs.unprivilegedClone?.trim() === '0') return because('kernel.unprivileged_userns_clone is 0', 'allow them with "sudo sysctl kernel.unprivileged_userns_clone=1"');
  if (knobs.appArmor?.trim() === '1') {
    return because('AppArmor takes all rights in it away (kernel.apparmor_restrict_unprivileged_userns is 1)', 'allow them with "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"');
  }
  if (/^Seccomp:\s*2$/m.test(knobs.status ?? '')) {
    return 'a seccomp filter, as container engines have it, forbids user namespaces (unshare); start the container with "--security-opt seccomp=unconfined --security-opt systempaths=unconfined", or run the command outside of it';
  }
  return `the kernel gives this user no user namespace: ${reason}; run the command with sudo`;
}

export async function readKnobs(): Promise<UserNamespaceKnobs> {
  const text = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);
  const [unprivilegedClone, maxNamespaces, appArmor, status, map] = await Promise.all([
    text('/proc/sys/kernel/unprivileged_userns_clone'), text('/proc/sys/user/max_user_namespaces'), text('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
    text('/proc/self/status'), text('/proc/self/uid_map'),
  ]);
  return { unprivilegedClone, maxNamespaces, appArmor, status, isInKernel: map !== undefined };
}

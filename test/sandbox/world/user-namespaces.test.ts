/** What a plain user is told where the machine gives no user namespace, from what /proc says on such machines. */
import { isOneUser } from '../../../sandbox/cri/one-user.ts';
import { startedBy, userNamespace } from '../../../sandbox/world/one-user.ts';
import { whyRefused, type UserNamespaceKnobs } from '../../../sandbox/world/user-namespaces.ts';

/** Debian 12 as it is installed. */
const open: UserNamespaceKnobs = { unprivilegedClone: '1\n', maxNamespaces: '96365\n', appArmor: undefined, status: 'Name:\tnode\nSeccomp:\t0\nSeccomp_filters:\t0\n', isInKernel: true };
const reason = 'exit status 1: unshare: unshare failed: Operation not permitted';

test.each<[string, Partial<UserNamespaceKnobs>, string]>([
  ['the sysctl of Debian and Arch', { unprivilegedClone: '0\n' },
    'this machine gives a plain user no user namespace: kernel.unprivileged_userns_clone is 0; allow them with "sudo sysctl kernel.unprivileged_userns_clone=1" (until the next boot), or run the command with sudo'],
  ['none for anybody', { maxNamespaces: '0\n' },
    'this machine gives a plain user no user namespace: user.max_user_namespaces is 0; allow them with "sudo sysctl user.max_user_namespaces=28633" (until the next boot), or run the command with sudo'],
  ['AppArmor of Ubuntu 24.04', { unprivilegedClone: undefined, appArmor: '1\n' },
    'this machine gives a plain user no user namespace: AppArmor takes all rights in it away (kernel.apparmor_restrict_unprivileged_userns is 1); allow them with "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0" (until the next boot), or run the command with sudo'],
  ['a container engine', { status: 'Name:\tnode\nSeccomp:\t2\nSeccomp_filters:\t1\n' },
    'a seccomp filter, as container engines have it, forbids user namespaces (unshare); start the container with "--security-opt seccomp=unconfined --security-opt systempaths=unconfined", or run the command outside of it'],
  ['a kernel without them', { isInKernel: false }, 'the kernel has no user namespaces (CONFIG_USER_NS); run the command with sudo'],
  ['something else', {}, `the kernel gives this user no user namespace: ${reason}; run the command with sudo`],
])('%s is named, with what to do', (_what, knobs, line) => {
  expect(whyRefused({ ...open, ...knobs }, reason)).toBe(line);
});

test('when several forbid them, the one that no other helps against is named first', () => {
  expect(whyRefused({ ...open, maxNamespaces: '0', unprivilegedClone: '0', appArmor: '1' }, reason)).toContain('user.max_user_namespaces is 0');
});

test.each([
  ['         0          0 4294967295\n', false], ['         0      65534          1\n', true], ['0 100000 65536\n', false], ['0 1000 1\n1 100000 65536\n', false],
])('the map %j is of one user: %s', (map, expected) => {
  expect(isOneUser(map)).toBe(expected);
});

test('root is started as ever, a user inside a namespace by the program that answers for other users', () => {
  expect([userNamespace(0), startedBy(0, '/tools')]).toEqual([[], []]);
  expect([userNamespace(1000), startedBy(1000, '/tools')]).toEqual([['--user', '--map-root-user'], ['/tools/one-user']]);
});

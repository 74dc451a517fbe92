import { boundingSet, capabilityArguments } from '../../../sandbox/cri/capabilities.ts';
import { resolveUser, type UserRequest } from '../../../sandbox/cri/users.ts';

const files = { passwd: 'root:x:0:0:root:/root:/bin/sh\nweb:x:1001:1002::/home/web:/\n', group: 'root:x:0:\nweb:x:1002:\nextra:x:1003:web,other\n' };
const request: UserRequest = { imageUser: '', uid: undefined, gid: undefined, username: '', supplementalGroups: [], isStrict: false };
const resolve = (changes: Partial<UserRequest>) => resolveUser({ ...request, ...changes }, files);

describe('users', () => {
  test.each<[string, Partial<UserRequest>, object]>([
    ['an image without USER', {}, { uid: 0, gid: 0, groups: [], home: '/root' }],
    ['a name', { imageUser: 'web' }, { uid: 1001, gid: 1002, groups: [1003], home: '/home/web' }],
    ['a number with an account', { imageUser: '1001' }, { uid: 1001, gid: 1002, groups: [1003], home: '/home/web' }],
    ['a number without an account', { imageUser: '65532' }, { uid: 65532, gid: 0, groups: [], home: '/' }],
    ['a user and a group', { imageUser: 'web:extra' }, { uid: 1001, gid: 1003, groups: [] }],
    ['numbers for both', { imageUser: '5:6' }, { uid: 5, gid: 6, groups: [], home: '/' }],
    ['runAsUser over USER', { imageUser: 'web', uid: 7 }, { uid: 7, gid: 0, groups: [] }],
    ['runAsUser 0 over USER', { imageUser: 'web', uid: 0 }, { uid: 0, gid: 0, home: '/root' }],
    ['runAsGroup alone', { imageUser: 'web', gid: 9 }, { uid: 1001, gid: 9, groups: [1003] }],
    ['groups of the pod and of the image', { imageUser: 'web', supplementalGroups: [4, 1002] }, { groups: [4, 1003] }],
    ['groups of the pod only, when strict', { imageUser: 'web', supplementalGroups: [4], isStrict: true }, { groups: [4] }],
  ])('%s', (_name, changes, expected) => {
    expect(resolve(changes)).toMatchObject(expected);
  });

  test.each([{ imageUser: 'nobody' }, { imageUser: 'web:nogroup' }])('%j is refused: the image does not know the name', (changes) => {
    expect(() => resolve(changes)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('capabilities', () => {
  test('a privileged container keeps all', () => {
    expect(boundingSet({ privileged: true, add: [], drop: ['ALL'] })).toBeUndefined();
    expect(capabilityArguments(undefined)).toEqual([]);
  });

  test('nothing asked for is the default set of containerd', () => {
    expect(boundingSet({ privileged: false, add: [], drop: [] })).toContain('NET_RAW');
    expect(boundingSet({ privileged: false, add: [], drop: [] })).not.toContain('SYS_ADMIN');
  });

  test('ALL is dropped but for what the last step into the container needs; named ones come back', () => {
    expect(boundingSet({ privileged: false, add: ['CAP_NET_BIND_SERVICE'], drop: ['ALL'] })).toEqual(['NET_BIND_SERVICE', 'SETUID', 'SYS_CHROOT']);
  });

  test('setpriv is told the set', () => {
    expect(capabilityArguments(['CHOWN', 'KILL'])).toEqual(['--inh-caps=-all', '--bounding-set=-all,+chown,+kill']);
  });
});

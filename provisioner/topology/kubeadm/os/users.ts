/** Users of a node, and whose SSH certificates its sshd takes. Passwords are locked. */
import type { Variables } from '../../../api/variables/index.ts';
import { file, type NodePart } from '../part.ts';

export function users({ users: wanted }: Variables['os']): { users?: readonly object[] } {
  if (!wanted.length) return {};
  return {
    users: wanted.map(({ name, sshKeys, sudo }) => ({
      name,
      lockPassword: true,
      shell: '/bin/bash',
      ...(sshKeys.length ? { sshAuthorizedKeys: sshKeys } : {}),
      ...(sudo ? { sudo: 'ALL=(ALL) NOPASSWD:ALL' } : {}),
    })),
  };
}

const caFile = '/etc/ssh/keelson-user-ca.pub';

/** sshd of Debian, Ubuntu and Flatcar reads this folder first; the first value it finds holds (sshd_config(5)). */
const sshdConfig = `TrustedUserCAKeys ${caFile}
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
MaxAuthTries 4
LoginGraceTime 60
X11Forwarding no
AllowAgentForwarding no
`;

export function sshCertificateAuthorities({ sshCertificateAuthorities: keys }: Variables['os']): NodePart {
  if (!keys.length) return {};
  return {
    files: [file(caFile, `${keys.join('\n')}\n`, '0644'), file('/etc/ssh/sshd_config.d/10-keelson.conf', sshdConfig)],
    // The unit is ssh on Debian and Ubuntu, sshd elsewhere; socket-activated sshd reads its files at every login.
    before: ['systemctl try-reload-or-restart ssh.service || systemctl try-reload-or-restart sshd.service || true'],
  };
}

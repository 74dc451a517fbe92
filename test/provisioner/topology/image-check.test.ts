import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkScript } from '../../../provisioner/topology/image/check-script.ts';
import { requirements } from '../../../provisioner/topology/image/contract.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keelson-image-'));
  for (const [path, text] of Object.entries(good)) put(path, text);
});
afterEach(() => rmSync(root, { recursive: true }));

/** What a good image shows: files, and programs that answer as theirs do. */
const good: Record<string, string> = {
  'bin/kubeadm': 'echo v1.36.3', 'bin/kubelet': 'echo Kubernetes v1.36.3', 'bin/systemctl': 'exit 0', 'bin/containerd': 'echo containerd github.com/containerd/containerd/v2 v2.1.4 abc',
  'bin/cloud-init': '', 'bin/chronyd': '', 'bin/uname': 'echo 6.1.0-18-cloud-amd64', 'bin/sysctl': '', 'bin/mkfs.ext4': '', 'bin/blkid': '',
  'run/containerd/containerd.sock': '', 'etc/containerd/config.toml': '  SystemdCgroup = true\n  config_path = "/etc/containerd/certs.d"\n',
  'sys/fs/cgroup/cgroup.controllers': 'cpu memory', 'proc/swaps': 'Filename Type Size Used Priority\n',
  'etc/cloud/cloud.cfg.d/99.cfg': 'datasource_list: [ConfigDrive, OpenStack]\n', 'etc/ssh/sshd_config': 'Include /etc/ssh/sshd_config.d/*.conf\n',
};

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), path.startsWith('bin/') ? `#!/bin/sh\n${text}\n` : text);
  if (path.startsWith('bin/')) chmodSync(join(root, path), 0o755);
}

function check(): { status: number | null; failed: string[] } {
  const { status, stdout } = spawnSync('/bin/sh', ['-s'], { input: checkScript('v1.36.3'), env: { ROOT: root, PATH: `${root}/bin:/usr/bin:/bin` }, encoding: 'utf8' });
  return { status, failed: stdout.split('\n').filter((line) => line.startsWith('FAIL')).map((line) => /FAIL {2}([\w-]+):/.exec(line)?.[1] ?? line) };
}

test('a good image passes', () => {
  expect(check()).toEqual({ status: 0, failed: [] });
});

test.each([
  ['kubeadm', 'bin/kubeadm', 'echo v1.35.0'], ['kubelet', 'bin/kubelet', 'echo Kubernetes v1.36.2'], ['containerd', 'bin/containerd', 'echo containerd x 1.6.9 y'],
  ['cgroup-driver', 'etc/containerd/config.toml', '# SystemdCgroup = true\nconfig_path = "/etc/containerd/certs.d"\n'], ['registry-hosts', 'etc/containerd/config.toml', 'SystemdCgroup = true\nconfig_path = ""\n'],
  ['swap', 'proc/swaps', 'Filename Type Size Used Priority\n/dev/vdb partition 1 0 -2\n'], ['kernel', 'bin/uname', 'echo 5.4.0-1-generic'],
  ['config-drive', 'etc/cloud/cloud.cfg.d/99.cfg', 'datasource_list: [Ec2]\n'], ['sshd-drop-ins', 'etc/ssh/sshd_config', 'PermitRootLogin no\n'], ['kubelet-enabled', 'bin/systemctl', '[ "$1" != is-enabled ]'],
])('%s is found missing, alone', (id, path, text) => {
  put(path, text);
  expect(check()).toEqual({ status: 1, failed: [id] });
});

test.each([['cgroup2', 'sys/fs/cgroup/cgroup.controllers'], ['containerd-socket', 'run/containerd/containerd.sock']])('%s is found missing', (id, path) => {
  rmSync(join(root, path));
  expect(check()).toEqual({ status: 1, failed: [id] });
});

test('every requirement says what to do', () => {
  for (const { id, why, fix } of requirements) expect([id, why.length > 5, fix.length > 5]).toEqual([id, true, true]);
  expect(new Set(requirements.map(({ id }) => id)).size).toBe(requirements.length);
});

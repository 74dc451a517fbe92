/** The same fleet of a user without root: everything inside one user namespace, and the machine as it was afterwards. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { FleetStatus } from '../../sandbox/fleet/fleet-status.ts';
import { WorldClient } from '../../sandbox/world/client.ts';
import { describeWith } from '../fixtures/needs.ts';
import { nobody } from '../fixtures/nobody.ts';
import { PlainUserKeelson } from './plain-user.ts';
import { onUntouchedMachine } from './untouched-machine.ts';
import { worldOf } from './world-of.ts';

describeWith({ root: true, userNamespaces: true, tools: ['one-user'], commands: ['ip', 'nft', 'unshare', 'setpriv'] }, 'a fleet without root', () => {
  const keelson = new PlainUserKeelson();
  onUntouchedMachine(keelson);
  const worldPid = async (): Promise<number> => (await worldOf(keelson.state)).process.pid;

  test('comes up with every component ready, of the smallest shape', async () => {
    const up = await keelson.run(['up', '--workers', '1', '--output', 'json'], 1_500_000);
    expect(up.code).toBe(0);
    const status = JSON.parse(up.stdout) as FleetStatus;
    expect(status.clusters.map((c) => [c.name, c.available])).toEqual([['management', true], ['demo', true]]);
    expect(status.clusters.flatMap((c) => c.components.filter((component) => !component.ready))).toEqual([]);
    expect(status.standIns).toEqual([]);
  }, 1_600_000);

  test('nobody but the user runs anything of it, and nothing in the state folder is anybody else\'s', async () => {
    expect(execFileSync('find', [keelson.state, '!', '-uid', String(nobody)], { encoding: 'utf8' })).toBe('');
    expect(statSync(`/proc/${await worldPid()}`).uid).toBe(nobody);
    const { servers } = await new WorldClient(keelson.state).status();
    expect(servers.length).toBeGreaterThanOrEqual(3);
    const table = await new WorldClient(keelson.state).exec(servers[0]!.id, { argv: ['cat', '/proc/self/uid_map'] });
    expect(table.stdout.trim().split(/\s+/)).toEqual(['0', String(nobody), '1']);
  }, 60_000);

  test('status agrees and says that it is without root', async () => {
    const { code, stdout } = await keelson.run(['status']);
    expect(code).toBe(0);
    expect(stdout).toContain('The fleet is up.');
    expect(stdout).toContain('one user');
  }, 60_000);

  test('pods that run as somebody else have no rights, and their volumes', async () => {
    const pod = {
      apiVersion: 'v1', kind: 'Pod', metadata: { name: 'somebody', namespace: 'default' },
      spec: {
        restartPolicy: 'Never', securityContext: { runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, runAsNonRoot: true },
        containers: [{ name: 'main', image: 'registry.k8s.io/kubectl:v1.36.3', command: ['sh', '-c', 'wc -c < /var/run/secrets/kubernetes.io/serviceaccount/token; grep CapEff /proc/self/status; echo x > /cache/x && cat /cache/x'], volumeMounts: [{ name: 'cache', mountPath: '/cache' }] }],
        volumes: [{ name: 'cache', emptyDir: {} }],
      },
    };
    expect((await keelson.kubectl('demo', ['apply', '-f', '-'], JSON.stringify(pod))).code).toBe(0);
    expect((await keelson.kubectl('demo', ['wait', 'pod', 'somebody', '--for', 'jsonpath={.status.phase}=Succeeded', '--timeout', '90s'])).stderr).toBe('');
    const { stdout } = await keelson.kubectl('demo', ['logs', 'somebody']);
    // CAP_SETUID and CAP_SYS_CHROOT, which the runtime's last steps need.
    expect(stdout).toMatch(/^[1-9]\d+\nCapEff:\t0000000000040080\nx\n$/);
  }, 120_000);

  test('down leaves nothing that runs, and whoever looks is told so', async () => {
    expect((await keelson.run(['down'])).code).toBe(0);
    expect((await keelson.run(['status'])).code).toBe(1);
  }, 240_000);
});

/** What a person breaks in a running fleet, with the commands of docs/sandbox.md, and that it is healed. */
import { expect, test } from '@jest/globals';
import type { FaultStatus } from '../../sandbox/faults/request.ts';
import { WorldClient } from '../../sandbox/world/client.ts';
import { runDocumented } from './documented.ts';
import { eventually, type Keelson } from './keelson.ts';

/** Registers the tests; `demo` is of 1 + 2 in az1 and az2 before and after. */
export function brokenOnPurpose(keelson: Keelson): void {
  const inServer = async (id: string, script: string): Promise<string> => (await new WorldClient(keelson.state).exec(id, { argv: ['sh', '-c', script] })).stdout.trim();

  test('a zone is cut off: its node is lost, what was dropped is counted, healed it is ready again', async () => {
    const played = await runDocumented(keelson, 'scenario', 600_000);
    expect(played).toMatchObject({ code: 0, stderr: expect.stringMatching(/ok +expect readyNodes: 2 of 3 nodes of demo are ready[^]*ok +heal zone[^]*ok +expect readyNodes: 3 of 3/) as unknown as string });
    expect((await keelson.run(['sandbox', 'faults'])).stdout).toBe('nothing is broken\n');
  }, 620_000);

  test('break, look, heal by hand, as the page has it', async () => {
    const shown = await runDocumented(keelson, 'break-zone', 120_000);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/^zone-\d+: zone az2 is cut off: demo-\S+\nheal it with: keelson sandbox heal zone-\d+\nzone-\d+: zone az2 is cut off: demo-\S+; \d+ packets? dropped\nzone-\d+ is healed/);
  }, 130_000);

  test('etcd that is killed comes back; a wrong name is answered with those that run', async () => {
    const restarts = async (): Promise<string> => (await keelson.kubectl('demo', ['-n', 'kube-system', 'get', 'pods', '-l', 'component=etcd', '-o', 'jsonpath={.items[0].status.containerStatuses[0].restartCount}'])).stdout;
    const before = Number(await restarts());
    const killed = await keelson.run(['sandbox', 'break', 'process', 'etcd', '--cluster', 'demo', '--output', 'json']);
    expect(killed.code).toBe(0);
    expect(JSON.parse(killed.stdout) as FaultStatus).toMatchObject({ isLasting: false, summary: expect.stringMatching(/^etcd was killed on demo-/) as unknown as string });
    await eventually('another etcd', 180_000, async () => (Number(await restarts()) > before ? true : undefined));
    await eventually('the API server', 120_000, async () => ((await keelson.kubectl('demo', ['get', '--raw', '/readyz'])).code === 0 ? true : undefined));
    const unknown = await keelson.run(['sandbox', 'break', 'process', 'etdc', '--cluster', 'demo']);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringMatching(/did you mean etcd\? there are .*kube-apiserver.*kubelet.*FAULT_UNKNOWN_TARGET/) as unknown as string });
  }, 300_000);

  test('the certificate of the API server is another one while it is broken, and the old one byte for byte when it is healed', async () => {
    const id = (await new WorldClient(keelson.state).status()).servers.find(({ name }) => name === 'management-1')!.id;
    const look = (): Promise<string> => inServer(id, 'sha256sum /etc/kubernetes/pki/apiserver.crt; stat -c "%a %u %g %i %.Y" /etc/kubernetes/pki/apiserver.crt');
    const before = await look();
    const broken = await keelson.run(['sandbox', 'break', 'cert', '/etc/kubernetes/pki/apiserver.crt', '--node', 'management-1', '--how', 'replaced', '--output', 'json']);
    expect(JSON.parse(broken.stdout) as FaultStatus).toMatchObject({ summary: 'the certificate in /etc/kubernetes/pki/apiserver.crt of management-1 was replaced on disk; whoever loaded it before still has the former one', observed: 'in place' });
    expect(await look()).not.toBe(before);
    expect((await keelson.run(['sandbox', 'heal'])).code).toBe(0);
    expect(await look()).toBe(before);
  }, 120_000);
}

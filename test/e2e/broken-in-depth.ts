/** Faults whose effects take a fleet and a while to see: certificates of an API server and of a controller, links to what is not a server. */
import { expect, test } from '@jest/globals';
import { faultSchemas, type FaultStatus } from '../../sandbox/faults/request.ts';
import { WorldClient } from '../../sandbox/world/client.ts';
import { documentedFaults } from './documented.ts';
import { eventually, type Keelson } from './keelson.ts';

/** Registers the tests; they need `demo` with one control plane and a worker in az1, and leave everything as it was. */
export function brokenInDepth(keelson: Keelson): void {
  const inServer = async (id: string, script: string): Promise<string> => (await new WorldClient(keelson.state).exec(id, { argv: ['sh', '-c', script] })).stdout.trim();

  test('every command of the page breaks what it says and is healed', async () => {
    const worker = (await new WorldClient(keelson.state).status()).servers.find(({ name }) => name.startsWith('demo-az1-'))!.name;
    const commands = documentedFaults().map((command) => wordsOf(command, worker));
    expect(new Set(commands.map(([what]) => what))).toEqual(new Set(Object.keys(faultSchemas)));
    for (const command of commands) {
      // A server that was off boots for a while.
      await eventually(command.join(' '), 120_000, async () => {
        const { code, stderr } = await keelson.run(['sandbox', 'break', ...command]);
        if (code !== 0) throw new Error(stderr);
        return true;
      });
      expect([command, (await keelson.run(['sandbox', 'heal'])).code]).toEqual([command, 0]);
    }
    expect((await keelson.run(['sandbox', 'faults'])).stdout).toBe('nothing is broken\n');
  }, 900_000);

  test.each(['expired', 'not-yet-valid'])('an API server whose certificate is %s is trusted by nobody until it is healed', async (how) => {
    const ask = () => keelson.kubectl('demo', ['get', '--raw', '/livez', '--request-timeout', '5s']);
    const broken = await keelson.run(['sandbox', 'break', 'cert', '/etc/kubernetes/pki/apiserver.crt', '--cluster', 'demo', '--how', how, '--output', 'json']);
    expect(JSON.parse(broken.stdout) as FaultStatus).toMatchObject({ observed: 'in place', summary: expect.not.stringContaining('signed by nobody') as unknown as string });
    // It looks at the file when it changes.
    expect(await eventually('a refused certificate', 90_000, async () => ((await ask()).stderr.includes('certificate has expired or is not yet valid') ? true : undefined))).toBe(true);
    expect((await keelson.run(['sandbox', 'heal'])).code).toBe(0);
    expect(await eventually('a good certificate', 90_000, async () => ((await ask()).stdout === 'ok' ? true : undefined))).toBe(true);
  }, 240_000);

  test('the certificate in a Secret of a controller is renewed when it cannot serve, and put back when nobody minded', async () => {
    const secret = async (): Promise<string> => (await keelson.kubectl('management', ['-n', 'capi-system', 'get', 'secret', 'capi-webhook-service-cert', '-o', 'jsonpath={.data.tls\\.crt}'])).stdout;
    const break_ = async (how: string): Promise<FaultStatus> => JSON.parse((await keelson.run(['sandbox', 'break', 'cert', 'capi-system/capi-webhook-service-cert', '--cluster', 'management', '--how', how, '--output', 'json'])).stdout) as FaultStatus;
    for (const how of ['expired', 'not-yet-valid']) {
      const before = await secret();
      await break_(how);
      await eventually(`another certificate than one that is ${how}`, 60_000, async () => ((await keelson.run(['sandbox', 'faults'])).stdout.includes('somebody wrote another one meanwhile') ? true : undefined));
      expect((await keelson.run(['sandbox', 'heal'])).stdout).toContain('stays as it is');
      expect(await secret()).not.toBe(before);
    }
    const before = await secret();
    const broken = await break_('replaced');
    expect(broken).toMatchObject({ summary: expect.stringMatching(/^the certificate in Secret capi-system.capi-webhook-service-cert of cluster management was replaced/) as unknown as string, observed: 'in place' });
    expect(await secret()).not.toBe(before);
    expect((await keelson.run(['sandbox', 'heal'])).code).toBe(0);
    expect(await secret()).toBe(before);
  }, 240_000);

  test('a link of a worker to the load balancer of its API server, to the pager, to everything outside is cut, and no other', async () => {
    const { servers } = await new WorldClient(keelson.state).status();
    const worker = servers.find(({ name }) => name.startsWith('demo-az1-'))!;
    const { host } = (await keelson.json<{ spec: { controlPlaneEndpoint: { host: string } } }>('management', ['-n', 'org-demo', 'get', 'cluster', 'demo'])).spec.controlPlaneEndpoint;
    const reaches = async (address: string, port: number): Promise<boolean> => (await inServer(worker.id, `timeout 2 bash -c 'exec 3<>/dev/tcp/${address}/${port}' && echo yes`)) === 'yes';
    const look = async (): Promise<boolean[]> => [await reaches(host, 6443), await reaches('198.51.100.2', 5000), await reaches('198.51.100.3', 9099)];
    expect(await look()).toEqual([true, true, true]);
    for (const [to, seen] of [['k8s-clusterapi-cluster-org-demo-demo-kubeapi', [false, true, true]], ['pager', [true, true, false]], ['outside', [false, false, false]]] as const) {
      expect((await keelson.run(['sandbox', 'break', 'link', worker.name, to])).code).toBe(0);
      expect([to, await look()]).toEqual([to, seen]);
      expect((await keelson.run(['sandbox', 'heal'])).code).toBe(0);
    }
    expect(await look()).toEqual([true, true, true]);
  }, 60_000);
}

/** A command of the page with names of this fleet; of alternatives the last, in brackets or not. */
function wordsOf(command: string, worker: string): string[] {
  const names: Readonly<Record<string, string>> = { NODE: worker, N: worker, ZONE: 'az2', FROM: worker, TO: 'cloud', NAME: 'kube-proxy', CLUSTER: 'demo', C: 'demo', 'NAMESPACE/SECRET': 'capi-system/capi-webhook-service-cert' };
  const words = command.replaceAll(/[[\]]/g, '').split(' ').map((word) => word.split('|').at(-1) ?? word);
  return [...words.map((word) => names[word] ?? word), ...(command.startsWith('cert') ? ['--cluster', 'management'] : [])];
}

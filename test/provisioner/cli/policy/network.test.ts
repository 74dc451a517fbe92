/** The command as a person runs it, without a process: exit code and both streams. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { CliContext } from '../../../../provisioner/cli/context.ts';
import { buildProgram } from '../../../../provisioner/cli/program.ts';
import { mistakes, shop } from '../../../policies/network/mistakes.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-policy-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const streams = { out: '', err: '' };
  let code = 0;
  const sink = (name: 'out' | 'err') => ({ isTTY: false, columns: 80, write: (text: string) => { streams[name] += text; return true; } }) as unknown as CliContext['stdout'];
  const context: CliContext = { env: {}, home: folder, repository: '.', signal: new AbortController().signal, stdin: Readable.from([]), stdout: sink('out'), stderr: sink('err'), setExitCode: (value) => { code = value; } };
  await buildProgram(context).parseAsync(['policy', 'network', ...args], { from: 'user' });
  return { code, ...streams };
}

describe('keelson policy network', () => {
  test('generated policies pass their own check', async () => {
    const { out, err } = await run('generate', '--tenant', 'org-demo');
    expect(err).toBe('');
    expect(await run('check', file('generated.yaml', out), '--tenant', 'org-demo')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+ policies, \d+ pods \(made from contracts: the manifests hold none\) checked, 0 errors, 0 warnings\n$/) as string });
  });

  test('a mistake is exit code 1, with file, line, path and fix', async () => {
    const policy = file('policy.yaml', `# ours\n---\n${mistakes[0]!.policy}`);
    const { code, out } = await run('check', file('shop.yaml', shop), policy, '--ignore', 'forbidden-flow-open,unexpected-flow-open');
    expect(code).toBe(1);
    expect(out).toContain(`CiliumNetworkPolicy shop/policy  (${policy}:3)\n  error   network/service-port  spec.ingress[0].toPorts 80/TCP is the port of Service shop/web; its pods listen on 8080, and policies see that one\n          write 8080 instead of 80\n`);
  });

  test('SARIF names the rule and the line', async () => {
    const { out } = await run('check', file('shop.yaml', shop), file('policy.yaml', mistakes[0]!.policy), '-o', 'sarif');
    const { runs: [{ results, tool }] } = JSON.parse(out) as { runs: [{ results: { ruleId: string; ruleIndex: number; locations: { physicalLocation?: { region: { startLine: number } } }[] }[]; tool: { driver: { rules: { id: string }[] } } }] };
    const found = results.find(({ ruleId }) => ruleId === 'network/service-port')!;
    expect(tool.driver.rules[found.ruleIndex]!.id).toBe('network/service-port');
    expect(found.locations[0]!.physicalLocation!.region.startLine).toBe(1);
    expect(results.every(({ ruleIndex }) => ruleIndex >= 0)).toBe(true);
  });

  test('explain prints the decision path of both ends', async () => {
    const open = await run('explain', 'prometheus', 'coredns', '9153');
    expect(open).toMatchObject({ code: 0 });
    expect(open.out).toContain('ALLOWED  keelson-system/prometheus');
    expect(open.out).toContain('  - CiliumNetworkPolicy kube-system/keelson-coredns spec.ingress[2]\n    prometheus on 9153/TCP: scrapes metrics\n');
    const closed = await run('explain', 'tenant-stand-in/any-pod', '169.254.169.254', '80');
    expect(closed).toMatchObject({ code: 1 });
    expect(closed.out).toContain('denied by\n  - CiliumClusterwideNetworkPolicy keelson-deny-all-pods spec.egressDeny[0]');
    expect((await run('explain', 'kyverno-admission-controller', 'ghcr.io', '443')).out).toContain('not decided here: ghcr.io is open only after the pod has looked it up');
  });

  test.each([
    [['explain', 'promotheus', 'coredns', '53'], 'promotheus is neither a component'],
    [['explain', 'prometheus', 'kube-system/nobody', '53'], 'no pod kube-system/nobody: namespace kube-system has'],
    [['explain', 'prometheus', 'coredns', 'http'], 'http is no port'],
    [['check', '/no/such/file.yaml'], 'cannot read /no/such/file.yaml'],
    [['check', file('broken.yaml', 'a: [')], 'broken.yaml:1 is no YAML'],
    [['check', file('nameless.yaml', 'apiVersion: v1\nkind: Pod\n')], 'nameless.yaml:1: metadata.name is missing in this Pod'],
    [['generate', '--site', file('site.yaml', 'dnsPort: many\nmoon: 1')], 'site.yaml: '],
  ])('%j is refused in words', async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
  });

  test('generate takes ports of the cloud from a file, and only components that are there', async () => {
    const site = file('cloud.yaml', 'dnsPort: 1053\noutside: {keystone: {ports: [{protocol: TCP, port: 443}], cidrs: [198.51.100.2/32]}}\n');
    const { out } = await run('generate', '--site', site);
    expect(out).toContain('port: "1053"');
    expect(out).toContain('198.51.100.2/32');
    const few = await run('generate', file('shop.yaml', shop));
    expect(few.out).toContain('name: keelson-coredns');
    expect(few.out).not.toContain('kyverno');
  });

  test('diff names the flow that closed, with an example and its cause', async () => {
    const { out } = await run('generate', '--hosts', 'enforce');
    const before = file('before.yaml', out);
    expect(await run('diff', before, before)).toMatchObject({ code: 0, out: 'no flow differs\n' });
    const after = await run('diff', before, file('after.yaml', out.replaceAll('port: "9153"', 'port: "9154"')));
    expect(after.code).toBe(1);
    expect(after.out).toContain('- closed  keelson-system/prometheus-on-worker-a and 1 like it → kube-system/coredns-on-worker-a and 1 like it: TCP 9153\n    for example keelson-system/prometheus-on-worker-a → kube-system/coredns-on-worker-a 9153/TCP, now denied at the sender');
  });

  test('matrix prints who reaches whom, and writes a picture', async () => {
    const picture = join(folder, 'matrix.svg');
    const { out } = await run('matrix', '--svg', picture);
    expect(out).toContain('prometheus → coredns: TCP 9153');
    expect(readFileSync(picture, 'utf8')).toMatch(/^<svg .*role="table"/);
  });

  test('what NetworkPolicy cannot say goes to stderr', async () => {
    const { out, err } = await run('generate', '--kind', 'kubernetes');
    expect(out).not.toContain('cilium.io');
    expect(err).toContain('widened: keelson-system/keelson-prometheus: kubelet: any peer on the same ports');
  });
});

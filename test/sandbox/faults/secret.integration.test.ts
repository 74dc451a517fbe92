/** Certificates in Secrets of a real API server go wrong and are put back, through kubectl on a "control plane" that is this machine. */
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { resources } from '../../../provisioner/kube/index.ts';
import { issueCa, issueServing, type KeyPair } from '../../../provisioner/operators/certificates/x509.ts';
import type { Executed, Ground, Server } from '../../../sandbox/faults/ground.ts';
import { cert } from '../../../sandbox/faults/kinds/cert.ts';
import type { Plan, Workshop } from '../../../sandbox/faults/plan.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';

describeWith({ tools: [...apiServerNeeds.tools, 'kubectl'] }, 'a certificate in a Secret', () => {
  let api: ApiServer;
  let folder: string;
  let workshop: Workshop;
  const data = (pair: KeyPair) => ({ 'tls.crt': Buffer.from(pair.certificate).toString('base64'), 'tls.key': Buffer.from(pair.key).toString('base64') });
  const stored = async (): Promise<string> => {
    const secret = await api.client.get(resources.secrets, { namespace: 'default', name: 'webhook' });
    return Buffer.from((secret!['data'] as Record<string, string>)['tls.crt']!, 'base64').toString();
  };
  const put = (name: string, pair: KeyPair) => api.client.apply(resources.secrets, { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name, namespace: 'default' }, data: data(pair) } as never, { fieldManager: 'test', force: true });
  const planned = (how: 'expired' | 'not-yet-valid' | 'replaced'): Promise<Plan> => Promise.resolve(cert({ what: 'cert', target: 'default/webhook', cluster: 'demo', how }, 'cert-1', workshop));

  beforeAll(async () => {
    api = await startApiServer();
    folder = await mkdtemp(join(tmpdir(), 'keelson-secret-'));
    await writeFile(join(folder, 'admin.conf'), api.kubeconfig);
    workshop = { ground: groundOf(join(folder, 'admin.conf')), filter: undefined as never };
    const authority = await issueCa(new Date());
    await put('authority', authority);
    await put('webhook', await issueServing(authority, { dnsNames: ['webhook.default.svc'], now: new Date() }));
  }, 150_000);
  afterAll(async () => {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test.each([
    ['expired', (c: X509Certificate) => c.validToDate < new Date()], ['not-yet-valid', (c: X509Certificate) => c.validFromDate > new Date()], ['replaced', (c: X509Certificate) => c.validToDate > new Date()],
  ] as const)('is %s, signed by the authority of another Secret, until it is healed', async (how, holds) => {
    const before = await stored();
    const plan = await planned(how);
    await plan.apply();
    const forged = await stored();
    expect(forged).not.toBe(before);
    expect(holds(new X509Certificate(forged))).toBe(true);
    expect([await plan.observe(), plan.summary.includes('signed by nobody')]).toEqual(['in place', false]);
    expect(await plan.undo()).toBeUndefined();
    expect(await stored()).toBe(before);
  }, 60_000);

  test('that somebody else wrote meanwhile stays', async () => {
    const plan = await planned('expired');
    await plan.apply();
    const theirs = await issueCa(new Date());
    await put('webhook', theirs);
    expect(await plan.observe()).toBe('somebody wrote another one meanwhile');
    expect(await plan.undo()).toBe('Secret default/webhook of cluster demo was written by somebody else meanwhile and stays as it is');
    expect(await stored()).toBe(theirs.certificate);
  }, 60_000);
});

/** One control plane, whose files and kubectl are this machine's. Node's pipes are sockets, as the standard input of a server's programs is. */
function groundOf(kubeconfig: string): Ground {
  const server: Server = { id: 'cp', name: 'demo-cp', zone: 'az1', cluster: 'demo', isRunning: true, isFrozen: false, ports: [], addresses: [] };
  const exec = (_id: string, argv: readonly string[], { stdin = '' }: { readonly stdin?: string } = {}): Promise<Executed> => new Promise((resolve, reject) => {
    const [program = '', ...args] = argv.map((argument) => argument.replaceAll('/etc/kubernetes/admin.conf', kubeconfig));
    const child = spawn(program, args, { env: { ...process.env, PATH: `${toolsBin}:${process.env['PATH'] ?? ''}` }, stdio: ['pipe', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.on('error', () => undefined).end(stdin);
    child.on('error', reject);
    child.on('close', (code) => resolve({ status: code ?? 128, stdout, stderr }));
  });
  return { servers: () => [server], exec } as unknown as Ground;
}

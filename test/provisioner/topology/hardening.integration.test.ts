/** The files and arguments of the class, given to the real programs: kubeadm reads its documents, an API server starts with its files and obeys them. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cipherSuites } from '../../../provisioner/api/variables/api.ts';
import { auditPolicy } from '../../../provisioner/topology/kubeadm/audit-policy.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { kubeadmDocuments, validateWithKubeadm } from './kubeadm-documents.ts';
import { badAuditRules, goodAuditRules } from './audit-rules.ts';
import { controlPlaneOf, everything, names, request } from './requests.ts';
import { filesOf } from './started-with.ts';

const run = promisify(execFile);

describeWith({ tools: ['kubeadm'] }, 'the documents of the class, read by kubeadm', () => {
  test.each([['the shortest cluster', names], ['everything', everything]])('%s', async (_what, variables) => {
    await validateWithKubeadm(join(toolsBin, 'kubeadm'), kubeadmDocuments(request(variables), 'v1.36.3'));
  });

  test('a field that kubeadm does not know is found', async () => {
    const documents = kubeadmDocuments(request(), 'v1.36.3').replace('"extraArgs"', '"extraArguments"');
    await expect(validateWithKubeadm(join(toolsBin, 'kubeadm'), documents)).rejects.toThrow(/extraArguments/);
  });
});

describeWith(apiServerNeeds, 'an API server with the arguments and files of the class', () => {
  let api: ApiServer;
  let folder: string;
  let flags: readonly string[];
  const get = (path: string, token?: string) => api.client.request({ method: 'GET', path, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  const anonymous = async (path: string): Promise<number> => {
    const { stdout } = await run('curl', ['--silent', '--insecure', '--output', '/dev/null', '--write-out', '%{http_code}', `${api.url}${path}`]);
    return Number(stdout);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-hardening-'));
    const config = controlPlaneOf(request({ ...names, api: { authentication: { issuers: [{ url: 'https://id.example', audiences: ['keelson', 'kubectl'] }] }, audit: { rules: goodAuditRules as never } } }));
    flags = await filesOf(config, folder);
    api = await startApiServer({ flags });
  }, 150_000);
  afterAll(async () => {
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('without a name one reaches health and the document of joining nodes, and nothing else', async () => {
    expect(await Promise.all(['/livez', '/readyz', '/healthz'].map(anonymous))).toEqual([200, 200, 200]);
    // 403: known as anonymous, and no right given here; kubeadm gives it for this document.
    expect(await anonymous('/api/v1/namespaces/kube-public/configmaps/cluster-info')).toBe(403);
    expect(await Promise.all(['/version', '/api', '/metrics', '/api/v1/namespaces'].map(anonymous))).toEqual([401, 401, 401, 401]);
  });

  test('Secrets are encrypted in etcd', async () => {
    await api.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hidden', namespace: 'default' }, stringData: { key: 'in-the-clear' } } as KubeObject);
    const key = Buffer.from('/registry/secrets/default/hidden').toString('base64');
    const answer = (await (await fetch(`${api.etcdUrl}/v3/kv/range`, { method: 'POST', body: JSON.stringify({ key }) })).json()) as { kvs: { value: string }[] };
    const stored = Buffer.from(answer.kvs[0]!.value, 'base64').toString('latin1');
    expect(stored).toMatch(/^k8s:enc:secretbox:v1:key1:/);
    expect(stored).not.toContain('in-the-clear');
  });

  test('the audit log says who did what, hides what was in a Secret, and obeys the extra rules', async () => {
    await api.client.get(resources.secrets, { namespace: 'default', name: 'hidden' });
    await get('/api/v1/namespaces/default/configmaps', api.nobodyToken);
    const lines = (await readFile(join(folder, 'audit.log'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as { verb: string; level: string; user: { username: string }; objectRef?: { resource: string; name?: string } });
    expect(lines).toContainEqual(expect.objectContaining({ verb: 'get', level: 'Metadata', user: expect.objectContaining({ username: 'admin' }), objectRef: expect.objectContaining({ resource: 'secrets', name: 'hidden' }) }));
    expect(lines.some(({ user }) => user.username === 'nobody')).toBe(false);
    expect(JSON.stringify(lines)).not.toContain(Buffer.from('in-the-clear').toString('base64'));
  });

  test('it starts with no policy that has a rule which the schema refuses', async () => {
    const policy = join(folder, 'bad-audit-policy.json');
    await writeFile(policy, JSON.stringify(auditPolicy(badAuditRules.map(([rule]) => rule as Record<string, unknown>))));
    const said = await startApiServer({ flags: [...flags, `--audit-policy-file=${policy}`] }).then(async (started) => started.stop().then(() => 'it started'), String);
    for (const [i, [, field]] of badAuditRules.entries()) expect(said).toContain(`rules[${i}].${field}`);
  }, 90_000);

  test('every cipher suite that a Cluster may choose is one that it knows', async () => {
    const { stdout } = await run(join(toolsBin, 'kube-apiserver'), ['--help'], { maxBuffer: 10_000_000 });
    const known = /Preferred values: ([A-Z0-9_, \n]+)/.exec(stdout)?.[1]?.split(/[,\s]+/) ?? [];
    expect(known).toEqual(expect.arrayContaining([...cipherSuites]));
  });

  test('a namespace that says nothing admits no privileged pod', async () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'root', namespace: 'default' }, spec: { containers: [{ name: 'a', image: 'a', securityContext: { privileged: true } }] } };
    await expect(api.client.create(resources.pods, pod as KubeObject)).rejects.toThrow(/violates PodSecurity "baseline:latest"/);
    await expect(api.client.create(resources.pods, { ...pod, metadata: { name: 'root', namespace: 'kube-system' } } as KubeObject, { dryRun: true })).resolves.toBeDefined();
  });

  test('nobody speaks an old TLS or a weak suite to it', async () => {
    const curl = (...args: string[]) => run('curl', ['--silent', '--show-error', '--insecure', ...args, `${api.url}/livez`]);
    await expect(curl('--tlsv1.2', '--tls-max', '1.2', '--ciphers', 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256')).resolves.toMatchObject({ stdout: 'ok' });
    await expect(curl('--tlsv1.2', '--tls-max', '1.2', '--ciphers', 'AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA')).rejects.toThrow(/handshake failure|alert/);
  });
});

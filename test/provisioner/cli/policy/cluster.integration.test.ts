/** `keelson policy pods --kubeconfig` on a real API server: what people wrote is judged, what it owns is not judged again. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildProgram } from '../../../../provisioner/cli/program.ts';
import { resources, type KubeObject } from '../../../../provisioner/kube/index.ts';
import { apiServerNeeds, kubeconfigFor, startApiServer, type ApiServer } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';

const template = (labels: object, securityContext: object) => ({ metadata: { labels }, spec: { containers: [{ name: 'a', image: 'registry.k8s.io/pause:3.10', securityContext }] } });
const restricted = { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } };

describeWith(apiServerNeeds, 'policy pods of a cluster', () => {
  let api: ApiServer;
  let folder: string;
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const run = async (...args: string[]): Promise<{ out: string; code: number }> => {
    let out = '';
    let code = 0;
    const stream = { write: (text: string) => ((out += text), true), isTTY: false, columns: 120 };
    const context = { env: {}, home: folder, repository: folder, signal: AbortSignal.timeout(30_000), stdin: (async function* () {})(), stdout: stream, stderr: stream, setExitCode: (value: number) => void (code = value) };
    await buildProgram(context as unknown as Parameters<typeof buildProgram>[0]).parseAsync(['node', 'keelson', 'policy', 'pods', '--output', 'json', ...args]);
    return { out, code };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-policy-'));
    api = await startApiServer();
    const labels = { app: 'web' };
    const make = (name: string, securityContext: object) =>
      api.client.create<KubeObject>(resources.deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'default' }, spec: { selector: { matchLabels: labels }, template: template(labels, securityContext) } });
    const good = await make('good', restricted);
    await make('bad', { privileged: true });
    await api.client.create(resources.pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'owned', namespace: 'default', ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'good', uid: good.metadata.uid!, controller: true }] }, spec: template({}, {}).spec });
  }, 120_000);
  afterAll(async () => {
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('judges what people wrote, once', async () => {
    const { out, code } = await run('--kubeconfig', await file('admin', api.kubeconfig));
    const verdicts = JSON.parse(out) as { object: { kind: string; name: string }; allowed: boolean; violations: { check: string }[] }[];
    expect(verdicts.map(({ object, allowed }) => [object.kind, object.name, allowed]).sort()).toEqual([['Deployment', 'bad', false], ['Deployment', 'good', true]]);
    expect(verdicts.find(({ object }) => object.name === 'bad')!.violations.map(({ check }) => check)).toContain('privileged');
    expect(code).toBe(1);
  });

  test('somebody who may not list is told so', async () => {
    const nobody = await file('nobody', kubeconfigFor(api.url, api.ca.cert, { token: api.nobodyToken }));
    await expect(run('--kubeconfig', nobody)).rejects.toMatchObject({ code: 'KUBE_FORBIDDEN' });
  });
});

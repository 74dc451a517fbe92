/** The arguments in the charts are those the real programs know: a program that does not know one says so and ends at once. */
import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { Helm, type Values } from '../../provisioner/helm/index.ts';
import type { KubeObject } from '../../provisioner/kube/index.ts';
import { checkFor } from '../../provisioner/operators/app/health.ts';
import { type ApiServer, startApiServer } from '../fixtures/api-server.ts';
import { freePorts } from '../fixtures/free-port.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';
import { tempFolder } from '../provisioner/helm/charts.ts';

const programs = [
  { chart: 'openstack-cloud-controller-manager', binary: 'openstack-cloud-controller-manager', values: { podCidrs: ['10.120.0.0/16'] }, kubeconfigs: ['kubeconfig'], lives: /cloud provider "openstack"/ },
  { chart: 'metrics-server', binary: 'metrics-server', values: {}, kubeconfigs: ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'], lives: /Serving securely|secure_serving/ },
  { chart: 'kube-state-metrics', binary: 'kube-state-metrics', values: {}, kubeconfigs: ['kubeconfig'], lives: /Started metrics server|Starting kube-state-metrics/ },
  { chart: 'node-exporter', binary: 'node_exporter', values: { hostRoot: false }, kubeconfigs: [], lives: /Listening on|TLS is disabled/ },
] as const satisfies readonly { chart: string; binary: string; values: Values; kubeconfigs: readonly string[]; lives: RegExp }[];

describeWith({ tools: ['etcd', 'kube-apiserver', 'helm', ...programs.map((p) => p.binary)] }, 'arguments of the components, given to the real programs', () => {
  let api: ApiServer;
  let folder: string;

  beforeAll(async () => {
    folder = await tempFolder();
    api = await startApiServer();
    await writeFile(join(folder, 'kubeconfig'), api.kubeconfig, { mode: 0o600 });
    await writeFile(join(folder, 'cloud.conf'), '[Global]\nauth-url="http://127.0.0.1:1/v3"\napplication-credential-id="a"\napplication-credential-secret="b"\n');
  }, 150_000);

  afterAll(async () => {
    await api?.stop();
    await rm(folder, { recursive: true });
  });

  it.each(programs)('$chart', async ({ chart, binary, values, kubeconfigs, lives }) => {
    const free = await freePorts(3);
    const args = (await argsOf(chart, values)).map((arg) => arg
      .replace('/etc/config/cloud.conf', `${folder}/cloud.conf`)
      .replace('--cert-dir=/tmp', `--cert-dir=${folder}`)
      .replace(/^(--(?:secure-port|port|telemetry-port)=|--web\.listen-address=.*:)\d+$/, (_all, flag: string) => `${flag}${free.pop()}`));
    const said = await untilSaid(join(toolsBin, binary), [...args, ...kubeconfigs.map((flag) => `--${flag}=${folder}/kubeconfig`)], lives);
    expect(said).not.toMatch(/unknown (long |short )?flag|unknown shorthand|invalid argument|flag provided but not defined/i);
    expect(said).toMatch(lives);
  }, 60_000);
});

async function argsOf(chart: string, values: Values): Promise<string[]> {
  const manifests = await new Helm({ binary: join(toolsBin, 'helm') }).template({ release: chart, namespace: 'x', chart: join(import.meta.dirname, '../../charts', chart), values });
  const documents = parseAllDocuments(manifests);
  const workload = (Array.isArray(documents) ? documents : []).map((d) => d.toJS() as KubeObject).find(checkFor);
  const [container] = (workload?.['spec'] as { template: { spec: { containers: { args: string[] }[] } } }).template.spec.containers;
  return container!.args.filter((arg) => !arg.startsWith('/'));
}

/** What the program said until it said what shows that it works, ended, or twenty seconds were over. */
async function untilSaid(binary: string, args: readonly string[], wanted: RegExp): Promise<string> {
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const heard = new Promise<void>((resolve) => {
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      if (wanted.test(said)) resolve();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    setTimeout(resolve, 20_000).unref();
  });
  await Promise.race([ended, heard]);
  child.kill('SIGKILL');
  await ended;
  return said;
}

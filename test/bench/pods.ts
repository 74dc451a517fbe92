/** Pods against the Pod Security Standards: one after the other in a process, 10,000 manifests from disk, and the Kyverno CLI on the same files. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { evaluatorOf } from '../../policies/pods/evaluate.ts';
import { cacheDirectory } from '../../sandbox/tools/index.ts';
import { runGroup } from '../../sandbox/tools/process-group.ts';
import type { Figure } from './figures.ts';

const manifests = 10_000;
const perFile = 100;
const version = 'v1.35';

export async function podsFigures(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-bench-pods-'));
  try {
    return [evaluations(), ...(await fromDisk(folder))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Evaluations per second of CPU time in one process. */
function evaluations(): Figure {
  const judge = evaluatorOf({ level: 'restricted', version });
  const templates = Array.from({ length: 100 }, (_, i) => deployment(i).spec.template);
  const run = (seconds: number): number => {
    const began = process.cpuUsage();
    let count = 0;
    let elapsed = 0;
    while (elapsed < seconds) {
      for (const template of templates) count += judge(template).length >= 0 ? 1 : 0;
      const { user, system } = process.cpuUsage(began);
      elapsed = (user + system) / 1e6;
    }
    return count / elapsed;
  };
  run(0.5);
  return { what: 'pods: evaluations of typical pods', measured: run(2), unit: 'pods/s', atLeast: 100_000, note: `per second of CPU time; restricted ${version}, two containers with probes and volumes, every tenth pod breaks something` };
}

async function fromDisk(folder: string): Promise<Figure[]> {
  const input = join(folder, 'manifests');
  await mkdir(input);
  for (let file = 0; file < manifests / perFile; file++) {
    const documents = Array.from({ length: perFile }, (_, i) => stringify(deployment(file * perFile + i)));
    await writeFile(join(input, `${String(file).padStart(3, '0')}.yaml`), documents.join('---\n'));
  }
  const ours = await timed([process.execPath, 'provisioner/cli/main.ts', 'policy', 'pods', input, '--version', version, '--output', 'json']);
  const size = `${manifests} Deployments in ${manifests / perFile} files`;
  const own: Figure = { what: 'pods: 10,000 manifests from disk', measured: ours.wallSeconds, unit: 's', goal: 3, note: `${size}, YAML and JSON of all verdicts included; ${ours.cpuSeconds.toFixed(1)} s of CPU time` };
  return [own, ...(await kyverno(folder, input, ours))];
}

interface Timed {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

async function kyverno(folder: string, input: string, ours: Timed): Promise<Figure[]> {
  const program = join(cacheDirectory(process.env), 'tools', 'bin', 'kyverno');
  const what = 'pods: the Kyverno CLI on the same files';
  if (!existsSync(program)) return [{ what, measured: undefined, unit: 's', note: 'not built: node sandbox/tools/main.ts --only kyverno' }];
  const policy = join(folder, 'policy.yaml');
  await writeFile(policy, stringify(podSecurityPolicy));
  const peer = await timed([program, 'apply', policy, '--resource', input, '--policy-report', '--output-format', 'json']);
  return [
    { what, measured: peer.wallSeconds, unit: 's', note: `its own rule podSecurity at restricted ${version}; ${peer.cpuSeconds.toFixed(1)} s of CPU time` },
    { what: 'pods: Kyverno CLI / keelson policy pods, CPU time', measured: peer.cpuSeconds / ours.cpuSeconds, unit: 'times', note: `wall time ${(peer.wallSeconds / ours.wallSeconds).toFixed(1)} times` },
  ];
}

/** Kyverno's built-in form of the standard, the fastest that it has. */
const podSecurityPolicy = {
  apiVersion: 'kyverno.io/v1',
  kind: 'ClusterPolicy',
  metadata: { name: 'pod-security' },
  spec: { background: true, rules: [{ name: 'restricted', match: { any: [{ resources: { kinds: ['Pod'] } }] }, validate: { failureAction: 'Audit', podSecurity: { level: 'restricted', version } } }] },
};

async function timed(argv: readonly [string, ...string[]]): Promise<Timed> {
  const began = performance.now();
  const { code, cpuSeconds, output } = await runGroup([...argv], { cwd: process.cwd(), environment: process.env, signal: AbortSignal.timeout(600_000), onLine: () => undefined });
  // 1: some of them break the standard, as they should.
  if (code !== 0 && code !== 1) throw new Error(`${argv.join(' ')}: exit code ${code}: ${output.slice(-500)}`);
  return { wallSeconds: (performance.now() - began) / 1000, cpuSeconds };
}

/** A Deployment as teams write them; every tenth runs a container as root. */
function deployment(i: number): { readonly spec: { readonly template: Record<string, unknown>; readonly [field: string]: unknown }; readonly [field: string]: unknown } {
  const container = (name: string): object => ({
    name,
    image: `registry.example.org/team/${name}:1.${i}`,
    args: ['--port=8080', '--log-level=info'],
    ports: [{ name: 'http', containerPort: 8080 }],
    env: [{ name: 'A', value: String(i) }, { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
    livenessProbe: { httpGet: { path: '/healthz', port: 'http' } },
    readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] }, ...(i % 10 === 0 ? { runAsUser: 0 } : {}) },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, { name: 'config', mountPath: '/etc/app' }],
  });
  const labels = { 'app.kubernetes.io/name': `app-${i}` };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `app-${i}`, namespace: `team-${i % 50}`, labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: 'app',
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [container('app'), container('sidecar')],
          volumes: [{ name: 'tmp', emptyDir: {} }, { name: 'config', configMap: { name: `app-${i}` } }],
        },
      },
    },
  };
}

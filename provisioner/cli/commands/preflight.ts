/** `keelson preflight`: a Cluster file against its cloud, or the management cluster itself; exit code 1 when something would go wrong. */
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Finding } from '../../../policies/findings/finding.ts';
import { fromKubeconfig, type KubeClient, type KubeObject, resources } from '../../kube/index.ts';
import { type Cloud, CloudError, parseClouds, Session } from '../../openstack/index.ts';
import { identityOf, type PreflightCluster } from '../../preflight/cluster.ts';
import { about, preflightRules } from '../../preflight/finding.ts';
import { managementPreflight } from '../../preflight/management.ts';
import { managementRules } from '../../preflight/management-finding.ts';
import { credentials, preflight } from '../../preflight/preflight.ts';
import { identitySecret } from '../../preflight/identity-secret.ts';
import { runningVersions } from '../../preflight/running.ts';
import type { CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import type { FindingsFormat } from '../write.ts';
import { readManifests } from './policy/manifests.ts';
import { writeFindings } from './policy/write-findings.ts';

export interface PreflightCommandOptions {
  readonly clouds?: string;
  readonly cloud?: string;
  readonly kubeconfig?: string;
  readonly management?: true;
  readonly output: FindingsFormat;
}

/** @throws CliError CLI_FILE_UNREADABLE, CLI_MANIFEST_BROKEN, CLI_BAD_OPTION; KubeError of the management cluster */
export async function preflightCommand(context: CliContext, files: readonly string[], options: PreflightCommandOptions): Promise<void> {
  if (options.management) return preflightManagement(context, options);
  const manifests = (await readManifests(files, context)).filter(({ object }) => object['kind'] === 'Cluster' && String(object['apiVersion']).startsWith('cluster.x-k8s.io/'));
  if (manifests.length === 0) throw new CliError('CLI_MANIFEST_BROKEN', 'there is no Cluster (cluster.x-k8s.io) among the manifests; give its file');
  const client = options.kubeconfig === undefined ? undefined : await clientOf(options.kubeconfig);
  try {
    const findings: Finding[] = [];
    for (const { object, source } of manifests) {
      const found = await findingsOf(context, { cluster: object as unknown as PreflightCluster, client, options });
      findings.push(...found.map((finding) => ({ ...finding, source })));
    }
    writeFindings(context, options.output, { command: 'keelson preflight', rules: preflightRules, findings, checked: `${manifests.length} Cluster${manifests.length === 1 ? '' : 's'}` });
  } finally {
    client?.close();
  }
}

async function preflightManagement(context: CliContext, { kubeconfig = context.env['KUBECONFIG'], output }: PreflightCommandOptions): Promise<void> {
  if (kubeconfig === undefined) throw new CliError('CLI_BAD_OPTION', '--management needs a management cluster; give --kubeconfig FILE or set KUBECONFIG');
  const client = await clientOf(kubeconfig);
  try {
    writeFindings(context, output, { command: 'keelson preflight --management', rules: managementRules, findings: await managementPreflight(client, context.signal), checked: 'the management cluster' });
  } finally {
    client.close();
  }
}

interface Asked {
  readonly cluster: PreflightCluster;
  readonly client: KubeClient | undefined;
  readonly options: PreflightCommandOptions;
}

async function findingsOf(context: CliContext, { cluster, client, options }: Asked): Promise<readonly Finding[]> {
  const { namespace = 'default', name } = cluster.metadata;
  // One that exists has a uid: what carries its tag is its own.
  const existing = client && (await client.get<KubeObject>(resources.clusters, { namespace, name }, { signal: context.signal }));
  const whole = existing ? { ...cluster, metadata: { ...cluster.metadata, namespace, ...(existing.metadata.uid === undefined ? {} : { uid: existing.metadata.uid }) } } : cluster;
  let session: Session | undefined;
  try {
    session = await sessionOf(context, { cluster, client, options });
    const outcome = await preflight({ cluster: whole, session, running: await runningVersions(existing, client, context.signal), signal: context.signal });
    if (outcome.kind === 'checked') return outcome.findings;
    return [...outcome.findings, about(cluster, { rule: 'cloud/credentials', severity: 'error', path: 'spec.topology.variables.cloud', message: `the cloud does not answer: ${outcome.message}`, fix: `try again in ${Math.ceil(outcome.retryAfterMs / 1000)} s` })];
  } catch (error) {
    if (error instanceof CloudError && error.code === 'CLOUD_CONFIG') return [about(cluster, credentials(error))];
    throw error;
  } finally {
    session?.close();
  }
}

/** From the Secret beside the Cluster where a management cluster is given, else from a clouds.yaml as the openstack command finds it. */
async function sessionOf(context: CliContext, { cluster, client, options }: Asked): Promise<Session> {
  const identity = identityOf(cluster);
  const secret = options.clouds === undefined && client ? await identitySecret(client, cluster, context.signal) : undefined;
  const name = options.cloud ?? (secret ? identity.cloudName : (context.env['OS_CLOUD'] ?? identity.cloudName));
  const file = secret ? undefined : await cloudsFile(context, options.clouds);
  const entry = parseClouds(secret?.clouds ?? file?.text ?? '', name);
  const cloud: Cloud = identity.region === undefined ? entry : { ...entry, region_name: identity.region };
  const ca = secret ? secret.ca : cloud.cacert === undefined || !file ? undefined : await read(resolve(dirname(file.path), cloud.cacert), 'cacert');
  return new Session({ cloud, userAgent: 'keelson-preflight', attempts: 2, ...(ca === undefined ? {} : { ca }) });
}

/** https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html */
async function cloudsFile(context: CliContext, given: string | undefined): Promise<{ path: string; text: string }> {
  if (given !== undefined) return { path: given, text: await read(given, '--clouds') };
  const places = [context.env['OS_CLIENT_CONFIG_FILE'], 'clouds.yaml', join(context.home, '.config', 'openstack', 'clouds.yaml'), '/etc/openstack/clouds.yaml'].filter((place): place is string => place !== undefined && place !== '');
  for (const path of places) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return { path, text };
  }
  throw new CliError('CLI_FILE_UNREADABLE', `found no clouds.yaml in ${places.join(', ')}; give --clouds FILE, or --kubeconfig FILE of the management cluster that holds the Secret`);
}

async function clientOf(kubeconfig: string): Promise<KubeClient> {
  return fromKubeconfig(await read(kubeconfig, '--kubeconfig'), { folder: dirname(kubeconfig), userAgent: 'keelson-preflight' });
}

const read = (path: string, what: string): Promise<string> => readFile(path, 'utf8').catch((cause: unknown) => Promise.reject(new CliError('CLI_FILE_UNREADABLE', `cannot read ${what} ${path}`, { cause })));

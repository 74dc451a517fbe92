/**
 * A client from a kubeconfig. Certificates, tokens and token files are read here; exec plugins and auth providers run
 * through @kubernetes/client-node, which is loaded (75 MB, 0.4 s) only for those.
 * Format: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { KubeClient } from './client.ts';
import type { KubeClientOptions } from './client-options.ts';
import { systemClock } from './clock.ts';
import { KubeError } from './errors.ts';
import { tokenFromFile } from './in-cluster.ts';
import type { Credentials, CredentialSource } from './transport.ts';

export interface KubeconfigOptions extends Partial<Pick<KubeClientOptions, 'userAgent' | 'timeoutMs' | 'maxSockets' | 'idleMs' | 'metrics' | 'clock' | 'random'>> {
  /** Instead of current-context. */
  readonly context?: string | undefined;
  /** What relative paths in it are relative to: the folder of the kubeconfig. Without it they are refused. */
  readonly folder?: string | undefined;
}

const cluster = z.object({
  server: z.url({ protocol: /^https?$/ }),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': z.string().optional(),
  'proxy-url': z.string().optional(),
});
const user = z.object({
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  username: z.string().optional(),
  as: z.string().optional(),
  exec: z.unknown().optional(),
  'auth-provider': z.unknown().optional(),
});
const kubeconfig = z.object({
  'current-context': z.string().optional(),
  clusters: z.array(z.object({ name: z.string(), cluster })).min(1),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string().optional() }) })).min(1),
  users: z.array(z.object({ name: z.string(), user: user.nullish() })).nullish(),
});
type Kubeconfig = z.infer<typeof kubeconfig>;
type User = z.infer<typeof user>;

/** Throws KubeError KUBE_CONFIG that names the field at fault, never its content. */
export async function fromKubeconfig(text: string, options: KubeconfigOptions = {}): Promise<KubeClient> {
  const config = read(text);
  const context = pick(config.contexts, options.context ?? config['current-context'], 'context').context;
  const at = pick(config.clusters, context.cluster, 'cluster').cluster;
  const who: User = context.user ? (pick(config.users ?? [], context.user, 'user').user ?? {}) : {};
  if (at['proxy-url']) throw invalid(`cluster ${context.cluster}`, 'proxy-url is not supported; connect without a proxy');
  const { context: name, folder, ...rest } = options;
  return new KubeClient({
    userAgent: 'keelson',
    ...rest,
    server: at.server,
    ca: await pem(at['certificate-authority-data'], at['certificate-authority'], folder),
    serverName: at['tls-server-name'],
    insecureSkipTlsVerify: at['insecure-skip-tls-verify'],
    credentials: who.exec || who['auth-provider'] ? throughClientNode(text, name) : await fixed(who, options),
  });
}

/** Certificate and token of a user that needs no plugin. A token file is read again as it rotates. */
async function fixed(who: User, options: KubeconfigOptions): Promise<CredentialSource> {
  if (who.username) throw invalid('user', 'username and password are no longer accepted by Kubernetes since 1.19; use a certificate or a token');
  if (who.as) throw invalid('user', 'impersonation ("as") is not supported; use credentials of that user');
  const cert = await pem(who['client-certificate-data'], who['client-certificate'], options.folder);
  const key = await pem(who['client-key-data'], who['client-key'], options.folder);
  if ((cert === undefined) !== (key === undefined)) throw invalid('user', 'client certificate and client key come in pairs');
  // As in client-go the file wins over the token beside it: the token is only its first content.
  const tokenFile = who.tokenFile && tokenFromFile(pathIn(options.folder, who.tokenFile), { readFile: (path) => readFile(path, 'utf8'), clock: options.clock ?? systemClock });
  return async (how) => ({ cert, key, token: tokenFile ? await tokenFile(how) : who.token });
}

/** The plugin's answer is cached by client-node until it expires; `fresh` begins anew. */
function throughClientNode(text: string, context: string | undefined): CredentialSource {
  const load = async (): Promise<(options: object) => Promise<void>> => {
    const { KubeConfig } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    config.loadFromString(text);
    if (context) config.setCurrentContext(context);
    return (requestOptions) => config.applyToHTTPSOptions(requestOptions);
  };
  let applying: Promise<(options: object) => Promise<void>> | undefined;
  return async ({ fresh }) => {
    if (fresh || !applying) applying = load();
    const filled: { cert?: string | Buffer; key?: string | Buffer; headers?: Record<string, unknown> } = {};
    try {
      await (await applying)(filled);
    } catch (cause) {
      throw new KubeError('KUBE_CONFIG', `credentials of the kubeconfig: its plugin failed (${cause instanceof Error ? cause.message : String(cause)}); run it by hand to see why`, { cause });
    }
    return credentialsFrom(filled);
  };
}

function credentialsFrom(filled: { cert?: string | Buffer; key?: string | Buffer; headers?: Record<string, unknown> }): Credentials {
  const bearer = /^Bearer (.+)$/.exec(String(filled.headers?.['Authorization'] ?? ''));
  return { cert: filled.cert?.toString(), key: filled.key?.toString(), token: bearer?.[1] };
}

/** The YAML and Zod libraries quote what they read, which may be a key: only places are repeated. */
function read(text: string): Kubeconfig {
  let parsed: unknown;
  try {
    parsed = parse(text, { logLevel: 'silent' });
  } catch {
    throw invalid('file', 'not valid YAML');
  }
  const checked = kubeconfig.safeParse(parsed);
  if (checked.success) return checked.data;
  throw invalid('file', checked.error.issues.map((issue) => `${issue.path.join('.') || 'document'} (${issue.code})`).join(', '));
}

function pick<T extends { readonly name: string }>(list: readonly T[], name: string | undefined, what: string): T {
  const found = list.find((entry) => entry.name === name);
  if (found) return found;
  throw invalid(what, `there is no "${name ?? ''}"; there are: ${list.map((entry) => entry.name).join(', ') || 'none'}`);
}

/** Inline data wins over a file, as in client-go. */
async function pem(data: string | undefined, path: string | undefined, folder: string | undefined): Promise<string | undefined> {
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  if (!path) return undefined;
  try {
    return await readFile(pathIn(folder, path), 'utf8');
  } catch (cause) {
    throw new KubeError('KUBE_CONFIG', `kubeconfig: ${cause instanceof Error ? cause.message : String(cause)}; correct the path`, { cause });
  }
}

function pathIn(folder: string | undefined, path: string): string {
  if (folder === undefined && !path.startsWith('/')) throw invalid('file', `the path ${path} is relative and the folder of the kubeconfig is not known`);
  return resolve(folder ?? '/', path);
}

function invalid(where: string, why: string): KubeError {
  return new KubeError('KUBE_CONFIG', `kubeconfig, ${where}: ${why}`);
}

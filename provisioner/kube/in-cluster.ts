/** The identity of a pod: the service account files that the kubelet projects and rotates. */
import { KubeClient } from './client.ts';
import type { KubeClientOptions } from './client-options.ts';
import { type Clock, systemClock } from './clock.ts';
import { KubeError } from './errors.ts';

export interface InClusterOptions extends Omit<KubeClientOptions, 'server' | 'ca' | 'cert' | 'key' | 'token' | 'credentials' | 'serverName' | 'insecureSkipTlsVerify'> {
  /** Reads a file as text; node:fs/promises' readFile with 'utf8' in main.ts files. */
  readonly readFile: (path: string) => Promise<string>;
  /** KUBERNETES_SERVICE_HOST and _PORT, which the kubelet sets; without them the service's DNS name, which needs cluster DNS. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
export const serviceAccountTokenFile = `${folder}/token`;

/** Throws KubeError KUBE_CONFIG outside of a pod, or where the token is not mounted. */
export async function inCluster(options: InClusterOptions): Promise<KubeClient> {
  const { readFile, env, ...rest } = options;
  const clock = options.clock ?? systemClock;
  const host = env?.['KUBERNETES_SERVICE_HOST'] || 'kubernetes.default.svc';
  const port = env?.['KUBERNETES_SERVICE_PORT'] || '443';
  const token = tokenFromFile(serviceAccountTokenFile, { readFile, clock });
  const [ca] = await Promise.all([readRequired(readFile, `${folder}/ca.crt`), token({ fresh: true })]);
  return new KubeClient({ ...rest, server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, ca, token });
}

/** How long a token that was read is used: the kubelet replaces it at 80 % of its life, client-go re-reads every minute. */
const rereadMs = 60_000;

/** A token that is read again every minute and whenever the server refused it. Throws KUBE_CONFIG where the file cannot be read. */
export function tokenFromFile(path: string, seams: { readonly readFile: (path: string) => Promise<string>; readonly clock: Clock }): (options: { readonly fresh: boolean }) => Promise<string> {
  let known: { readonly token: string; readonly atMs: number } | undefined;
  return async ({ fresh }) => {
    const now = seams.clock.monotonicMs();
    if (known && !fresh && now - known.atMs < rereadMs) return known.token;
    known = { token: (await readRequired(seams.readFile, path)).trim(), atMs: now };
    return known.token;
  };
}

async function readRequired(readFile: (path: string) => Promise<string>, path: string): Promise<string> {
  let content: string;
  try {
    content = await readFile(path);
  } catch (cause) {
    throw new KubeError('KUBE_CONFIG', `read ${path}: ${cause instanceof Error ? cause.message : String(cause)}; is this a pod, and is automountServiceAccountToken on?`, { cause });
  }
  if (content.trim() === '') throw new KubeError('KUBE_CONFIG', `read ${path}: the file is empty; see the kubelet's log for why it is not filled`);
  return content;
}

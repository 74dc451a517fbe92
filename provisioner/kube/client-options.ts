/** What the client's verbs take and give. */
import type { Clock, Random } from './clock.ts';
import type { TlsContext } from './http.ts';
import type { Answer, CredentialSource, Exchange } from './transport.ts';
import type { KubeObject } from './types.ts';

export interface KubeClientOptions {
  /** https://host:port, with or without a path below which the API lives. */
  readonly server: string;
  /** PEM bundle that signs the server's certificate; the system's roots when absent. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Asked before every request; `fresh` is true after the server refused the last one. */
  readonly token?: ((options: { readonly fresh: boolean }) => Promise<string>) | undefined;
  /** Instead of cert, key and token: all of them, for sources that may change any (exec plugins). */
  readonly credentials?: CredentialSource | undefined;
  readonly userAgent: string;
  /** Acts in the name of this user, where the credentials may (verb "impersonate"): system:serviceaccount:NAMESPACE:NAME. */
  readonly impersonate?: string | undefined;
  /** For one call with its retries and its body. */
  readonly timeoutMs?: number | undefined;
  /** The name the server's certificate is checked for, where it is not the host of `server`. */
  readonly serverName?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  /** Connections for everything but watches; a watch has its own. */
  readonly maxSockets?: number | undefined;
  /** After which an unused connection is closed, in milliseconds; for those who talk to a thousand servers now and then. */
  readonly idleMs?: number | undefined;
  /** Shared by forks. */
  readonly tls?: TlsContext | undefined;
  readonly metrics?: { requested(code: string, method: string, host: string): void } | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Objects per page, default 500; 0 asks for everything at once. The result is whole in any case. */
  readonly limit?: number | undefined;
  /** "0": whatever the watch cache has. Absent: consistent. Else: not older than. */
  readonly resourceVersion?: string | undefined;
  /** Objects without spec, status and the like: an answer of PartialObjectMetadata. */
  readonly metadataOnly?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WatchOptions extends Omit<ListOptions, 'limit' | 'resourceVersion' | 'metadataOnly'> {
  readonly resourceVersion: string;
  readonly silenceMs?: number | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Validate and admit, store nothing. */
  readonly dryRun?: boolean | undefined;
}

export interface ApplyOptions extends CallOptions {
  readonly fieldManager: string;
  /** Take fields over from other managers. Controllers should, for fields that are theirs alone to decide. */
  readonly force?: boolean | undefined;
  readonly subresource?: string | undefined;
}

export interface PatchOptions extends CallOptions {
  readonly type: 'merge' | 'json';
  readonly body: unknown;
  readonly subresource?: string | undefined;
  readonly fieldManager?: string | undefined;
}

export interface DeleteOptions extends CallOptions {
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan' | undefined;
  /** Preconditions: the delete fails with KUBE_CONFLICT when the object is another by now. */
  readonly resourceVersion?: string | undefined;
  readonly uid?: string | undefined;
}

export type RawRequest = Omit<Exchange, 'operation' | 'isIdempotent'>;
export type RawResponse = Answer;
export interface List<T extends KubeObject> {
  readonly items: T[];
  readonly resourceVersion: string;
}

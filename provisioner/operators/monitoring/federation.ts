/** What the management cluster keeps to scrape one workload cluster: a Secret with token and CA, and a ScrapeConfig. Pure. */
import { federationLabel, federationScrapeConfig, type FederationTarget, type Identity } from '../../../monitoring/federation.ts';
import { defaultEnvironment } from '../../../monitoring/fleet.ts';
import { labels } from '../../api/labels.ts';
import { organizationOf } from '../../api/names.ts';
import type { KubeObject } from '../../kube/index.ts';
import { identityOf as cloudOf } from '../../preflight/cluster.ts';
import type { Cluster } from '../cluster.ts';
import type { ApiServer } from './api-server.ts';

/** Both objects of a cluster have this name. Namespace and name of a Cluster are DNS labels, so the dot keeps them apart. */
export function federationName(cluster: { readonly namespace: string; readonly name: string }): string {
  return `federation-${cluster.namespace}.${cluster.name}`;
}

/** On the Secret: which Cluster, as `<namespace>/<name>` and uid, and when to ask for another token (RFC 3339). */
const notes = { cluster: 'keelson.dev/cluster', uid: 'keelson.dev/cluster-uid', renewAt: 'keelson.dev/token-renew-at' } as const;

/** Selects our Secrets. */
export const federationSelector = `${federationLabel.name}=${federationLabel.value}`;

export interface Token {
  readonly token: string;
  readonly expiresAt: Date;
}

export interface FederationSecret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export type FederationPlan =
  /** Nothing can be asked for yet. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'renew' }
  | { readonly kind: 'keep'; readonly renewAt: Date };

/** @param cluster undefined: gone, being deleted or not ours @param isMonitored whether its monitoring has been Ready */
export function federationPlan(cluster: Cluster | undefined, o: { readonly stored: FederationSecret | undefined; readonly isMonitored: boolean; readonly now: Date }): FederationPlan {
  const { stored, isMonitored, now } = o;
  if (!cluster) return { kind: 'remove' };
  const { [notes.renewAt]: renewAt = '', [notes.uid]: uid } = stored?.metadata.annotations ?? {};
  // A Cluster that was made anew under the same name has other keys: the old token is worth nothing there.
  if (!stored || uid !== cluster.metadata.uid) return { kind: isMonitored ? 'renew' : 'wait' };
  return new Date(renewAt) > now ? { kind: 'keep', renewAt: new Date(renewAt) } : { kind: 'renew' };
}

/** Two thirds of the way from now to the end. */
export function renewalOf(token: Token, now: Date): Date {
  return new Date(now.getTime() + ((token.expiresAt.getTime() - now.getTime()) * 2) / 3);
}

export function federationSecret(cluster: Cluster, o: { readonly namespace: string; readonly token: Token; readonly api: ApiServer; readonly now: Date }): FederationSecret {
  const ref = refOf(cluster);
  return {
    apiVersion: 'v1', kind: 'Secret', type: 'Opaque',
    metadata: {
      name: federationName(ref),
      namespace: o.namespace,
      labels: { [labels.managedBy]: 'keelson', [federationLabel.name]: federationLabel.value },
      annotations: { [notes.cluster]: `${ref.namespace}/${ref.name}`, [notes.uid]: cluster.metadata.uid ?? '', [notes.renewAt]: renewalOf(o.token, o.now).toISOString() },
    },
    data: { token: base64(o.token.token), 'ca.crt': base64(o.api.ca) },
  };
}

/** The key of the Cluster a Secret was made for. */
export function clusterOfSecret(secret: KubeObject): string | undefined {
  return secret.metadata.annotations?.[notes.cluster];
}

/**
 * The ScrapeConfig stands in our own namespace, not beside its Cluster: whoever may write ScrapeConfigs that the management Prometheus
 * takes can speak for any cluster.
 */
export function scrapeConfig(cluster: Cluster, o: { readonly namespace: string; readonly api: ApiServer; readonly clusterId: string }): KubeObject {
  const ref = refOf(cluster);
  const name = federationName(ref);
  const target: FederationTarget = {
    cluster: ref.name,
    namespace: o.namespace,
    endpoint: o.api.endpoint,
    tokenSecret: { name, key: 'token' },
    caSecret: { name, key: 'ca.crt' },
    ...(o.api.serverName === undefined ? {} : { serverName: o.api.serverName }),
    identity: identityOf(cluster, o.clusterId),
    labels: { [labels.managedBy]: 'keelson' },
  };
  const { metadata, ...rest } = federationScrapeConfig(target);
  return { ...rest, metadata: { ...metadata, name, labels: { ...metadata.labels } } };
}

/** Who its series are from: what we know of the Cluster, never what it says itself. @param clusterId see cluster-id.ts */
export function identityOf(cluster: Cluster, clusterId: string): Identity {
  return {
    cluster_id: clusterId,
    cluster_type: 'workload_cluster',
    organization: organizationOfCluster(cluster),
    environment: cluster.metadata.labels?.[labels.environment] ?? defaultEnvironment,
    provider: cluster.spec?.infrastructureRef?.kind === 'OpenStackCluster' ? 'openstack' : undefined,
    region: cloudOf(cluster).region,
  };
}

/** When the token of a Secret is due; undefined where nobody knows. */
export function renewAtOf(secret: FederationSecret | undefined): Date | undefined {
  const renewAt = new Date(secret?.metadata.annotations?.[notes.renewAt] ?? '');
  return Number.isNaN(renewAt.getTime()) ? undefined : renewAt;
}

/** By its label, else by its namespace. */
export function organizationOfCluster(cluster: Cluster): string {
  const { namespace } = refOf(cluster);
  return cluster.metadata.labels?.[labels.organization] ?? organizationOf(namespace) ?? namespace;
}

export function refOf(cluster: Cluster): { readonly namespace: string; readonly name: string } {
  return { namespace: cluster.metadata.namespace ?? '', name: cluster.metadata.name };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

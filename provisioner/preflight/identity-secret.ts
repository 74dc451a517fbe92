/**
 * The credentials a Cluster names: a Secret beside it, or an OpenStackClusterIdentity that admits its namespace. The selector is
 * checked here as CAPO checks it (v0.14.7, pkg/scope/provider.go): otherwise a Cluster anywhere could have the operator use anybody's.
 */
import { type KubeClient, keyOf, type KubeObject, type Resource, resources } from '../kube/index.ts';
import { CloudError } from '../openstack/index.ts';
import { identityOf, type PreflightCluster } from './cluster.ts';

export interface IdentitySecret {
  /** "Secret org-demo/cloud", for messages. */
  readonly what: string;
  readonly clouds: string;
  readonly ca: string | undefined;
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}
interface ClusterIdentity extends KubeObject {
  readonly spec?: { readonly secretRef?: { readonly name: string; readonly namespace: string }; readonly namespaceSelector?: Selector };
}

const clusterIdentities: Resource = { group: 'infrastructure.cluster.x-k8s.io', version: 'v1alpha1', plural: 'openstackclusteridentities', kind: 'OpenStackClusterIdentity', namespaced: false };

/** Whose credentials, and where: in a namespace, for messages as `of` says it ("Cluster demo"). */
export interface IdentityRef {
  readonly type: string;
  readonly name: string;
  readonly namespace: string;
  readonly of: string;
}

/** @throws CloudError CLOUD_CONFIG that names what is missing; KubeError */
export function identitySecret(client: KubeClient, cluster: PreflightCluster, signal: AbortSignal): Promise<IdentitySecret> {
  const { name, namespace = 'default' } = cluster.metadata;
  return secretOf(client, { ...identityOf(cluster), namespace, of: `Cluster ${name}` }, signal);
}

/** @throws CloudError CLOUD_CONFIG that names what is missing; KubeError */
export async function secretOf(client: KubeClient, { type, name, namespace, of }: IdentityRef, signal: AbortSignal): Promise<IdentitySecret> {
  const ref = type === 'ClusterIdentity' ? await admitted(client, { identity: name, namespace, signal }) : { namespace, name };
  const secret = await client.get<KubeObject & { data?: Record<string, string> }>(resources.secrets, ref, { signal });
  const field = (key: string): string | undefined => (secret?.data?.[key] === undefined ? undefined : Buffer.from(secret.data[key], 'base64').toString('utf8'));
  const what = `Secret ${keyOf(ref)}`;
  const clouds = field('clouds.yaml');
  if (clouds === undefined) throw new CloudError('CLOUD_CONFIG', `${what} of ${of} ${secret ? 'has no clouds.yaml' : 'is not there'}; create it`);
  return { what, clouds, ca: field('cacert') };
}

async function admitted(client: KubeClient, o: { identity: string; namespace: string; signal: AbortSignal }): Promise<{ namespace: string; name: string }> {
  const { signal } = o;
  const identity = await client.get<ClusterIdentity>(clusterIdentities, { name: o.identity }, { signal });
  const ref = identity?.spec?.secretRef;
  if (!ref) throw new CloudError('CLOUD_CONFIG', `there is no OpenStackClusterIdentity ${o.identity} with a secretRef; create it, or name another`);
  const selector = identity.spec?.namespaceSelector;
  if (!selector) return ref;
  const home = await client.get(resources.namespaces, { name: o.namespace }, { signal });
  if (!matches(selector, home?.metadata.labels ?? {})) throw new CloudError('CLOUD_CONFIG', `OpenStackClusterIdentity ${o.identity} does not admit namespace ${o.namespace}; label the namespace as its namespaceSelector says, or name another`);
  return ref;
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements; an operator we do not know matches nothing. */
export function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value) && matchExpressions.every(({ key, operator, values = [] }) => {
    const value = labels[key];
    switch (operator) {
      case 'In': return value !== undefined && values.includes(value);
      case 'NotIn': return value === undefined || !values.includes(value);
      case 'Exists': return value !== undefined;
      case 'DoesNotExist': return value === undefined;
      default: return false;
    }
  });
}

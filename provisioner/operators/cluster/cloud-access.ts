/** Sessions to the cloud of a Cluster, with the credentials of the Secret that its variables name. Used without an OpenStackCluster: before there is one, and after it is gone. */
import type { KubeObject } from '../../kube/index.ts';
import { type KubeClient, resources } from '../../kube/index.ts';
import { type Cloud, CloudError, parseClouds, Session } from '../../openstack/index.ts';
import { identityOf, type PreflightCluster } from '../../preflight/cluster.ts';
import { OperatorError } from '../errors.ts';

export interface CloudAccess {
  readonly cloud: Cloud;
  /** CA of the cloud's endpoints, where it has one of its own. */
  readonly ca: string | undefined;
  readonly session: Session;
}

/** The caller closes the session. @throws OperatorError CLOUD_SECRET_INVALID that names the Secret */
export async function cloudAccess(client: KubeClient, cluster: PreflightCluster, signal: AbortSignal): Promise<CloudAccess> {
  const { namespace = '', name } = cluster.metadata;
  const identity = identityOf(cluster);
  const found = await client.get<KubeObject & { data?: Record<string, string> }>(resources.secrets, { namespace, name: identity.name }, { signal });
  const field = (key: string): string | undefined => (found?.data?.[key] === undefined ? undefined : Buffer.from(found.data[key], 'base64').toString('utf8'));
  const clouds = field('clouds.yaml');
  const what = `Secret ${namespace}/${identity.name} of Cluster ${name}`;
  if (clouds === undefined) throw new OperatorError('CLOUD_SECRET_INVALID', `${what} ${found ? 'has no clouds.yaml' : 'is not there'}; create it`);
  try {
    const entry = parseClouds(clouds, identity.cloudName);
    const cloud = identity.region === undefined ? entry : { ...entry, region_name: identity.region };
    const ca = field('cacert');
    return { cloud, ca, session: new Session({ cloud, userAgent: 'keelson-operator', ...(ca === undefined ? {} : { ca }) }) };
  } catch (cause) {
    if (cause instanceof CloudError) throw new OperatorError('CLOUD_SECRET_INVALID', `${what}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** Sessions to the cloud of a Cluster, with the credentials that its variables name. Used without an OpenStackCluster: before there is one, and after it is gone. */
import type { KubeClient } from '../../kube/index.ts';
import { type Cloud, CloudError, parseClouds, Session } from '../../openstack/index.ts';
import { identityOf, type PreflightCluster } from '../../preflight/cluster.ts';
import { identitySecret } from '../../preflight/identity-secret.ts';
import { OperatorError } from '../errors.ts';

export interface CloudAccess {
  readonly cloud: Cloud;
  /** CA of the cloud's endpoints, where it has one of its own. */
  readonly ca: string | undefined;
  readonly session: Session;
}

/** The caller closes the session. @throws OperatorError CLOUD_SECRET_INVALID that names the Secret */
export async function cloudAccess(client: KubeClient, cluster: PreflightCluster, signal: AbortSignal): Promise<CloudAccess> {
  const { cloudName, region } = identityOf(cluster);
  try {
    const { clouds, ca } = await identitySecret(client, cluster, signal);
    const entry = parseClouds(clouds, cloudName);
    const cloud = region === undefined ? entry : { ...entry, region_name: region };
    return { cloud, ca, session: new Session({ cloud, userAgent: 'keelson-operator', ...(ca === undefined ? {} : { ca }) }) };
  } catch (cause) {
    if (cause instanceof CloudError) throw new OperatorError('CLOUD_SECRET_INVALID', cause.message, { cause });
    throw cause;
  }
}

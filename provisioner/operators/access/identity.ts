/** Who a login is in the workload cluster. Everything begins with `keelson:`, so that it is nobody whom the cluster knows otherwise. */
import type { ClusterAccess } from '../../api/cluster-access.ts';

const prefix = 'keelson:';

/** User of a person who logs in by certificate: "keelson:oidc:alice". */
export const loginUser = (username: string): string => `${prefix}${username}`;
/** A group of that person, where the request asked for it. */
export const loginGroup = (group: string): string => `${prefix}${group}`;

/** The group that only the certificates of one ClusterAccess carry. A name used again is another object with another uid. */
export const ownGroup = (access: Pick<ClusterAccess, 'metadata'>): string => `${prefix}access:${access.metadata.uid ?? ''}`;

/** Common name and organizations of the certificate. */
export function certificateSubject(access: ClusterAccess): { readonly user: string; readonly groups: readonly string[] } {
  return { user: loginUser(access.spec.requester.username), groups: [ownGroup(access), ...access.spec.groups.map(loginGroup)] };
}

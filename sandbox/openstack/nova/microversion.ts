/** Nova's microversions: Zed's range. */
import type { IncomingHttpHeaders } from 'node:http';
import { minorVersion, type VersionRange } from '../http/microversion.ts';

export const compute: VersionRange = { service: 'compute', ownHeader: 'x-openstack-nova-api-version', major: 2, minMinor: 1, maxMinor: 93 };
export const minVersion = `${compute.major}.${compute.minMinor}`;
export const maxVersion = `${compute.major}.${compute.maxMinor}`;

/** The minor number asked for: 1 when nothing was. @throws ApiError 406 out of range, 400 not a version */
export function microversion(headers: IncomingHttpHeaders): number {
  return minorVersion(headers, compute);
}

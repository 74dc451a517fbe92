/** Cinder's microversions: Zed's range. */
import type { IncomingHttpHeaders } from 'node:http';
import { minorVersion, type VersionRange } from '../http/microversion.ts';

export const volume: VersionRange = { service: 'volume', major: 3, minMinor: 0, maxMinor: 70 };

/** The minor number asked for: 0 when nothing was. @throws ApiError 406 out of range, 400 not a version */
export function microversion(headers: IncomingHttpHeaders): number {
  return minorVersion(headers, volume);
}

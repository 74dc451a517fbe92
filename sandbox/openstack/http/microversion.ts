/** Microversions (api-wg): which one a request asks for, and what the answer says about it. */
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError, badRequest } from '../errors.ts';

/** What one service understands. */
export interface VersionRange {
  /** As in `OpenStack-API-Version: compute 2.53`. */
  readonly service: string;
  /** The header of the time before that one. */
  readonly ownHeader?: 'x-openstack-nova-api-version';
  readonly major: number;
  /** What a request gets that asks for none. */
  readonly minMinor: number;
  readonly maxMinor: number;
}

/** The minor number asked for, the lowest when nothing was. @throws ApiError 406 out of range, 400 not a version */
export function minorVersion(headers: IncomingHttpHeaders, range: VersionRange): number {
  const { major, minMinor, maxMinor } = range;
  const asked = askedVersion(headers, range);
  if (asked === undefined) return minMinor;
  if (asked === 'latest') return maxMinor;
  const match = /^([1-9]\d*)\.(0|[1-9]\d*)$/.exec(asked);
  if (!match) throw badRequest(`API Version String ${asked} is of invalid format. Must be of format MajorNum.MinorNum.`);
  const minor = Number(match[2]);
  if (Number(match[1]) !== major || minor < minMinor || minor > maxMinor) {
    throw new ApiError(406, 'computeFault', `Version ${asked} is not supported by the API. Minimum is ${major}.${minMinor} and maximum is ${major}.${maxMinor}.`);
  }
  return minor;
}

/** Headers of every answer: the version that was used, or the one that could not be. Nothing for what is no version. */
export function versionHeaders(headers: IncomingHttpHeaders, range: VersionRange): Record<string, string> {
  const { service, ownHeader, major, minMinor, maxMinor } = range;
  const asked = askedVersion(headers, range) ?? `${major}.${minMinor}`;
  const version = asked === 'latest' ? `${major}.${maxMinor}` : asked;
  if (!/^\d+\.\d+$/.test(version)) return {};
  const general = { 'openstack-api-version': `${service} ${version}` };
  if (ownHeader === undefined) return { ...general, vary: 'OpenStack-API-Version' };
  return { ...general, [ownHeader]: version, vary: 'OpenStack-API-Version, X-OpenStack-Nova-API-Version' };
}

function askedVersion(headers: IncomingHttpHeaders, { service, ownHeader }: VersionRange): string | undefined {
  const general = headers['openstack-api-version'];
  if (typeof general === 'string') {
    for (const part of general.split(',')) {
      const [name, version] = part.trim().split(/\s+/);
      if (name === service && version !== undefined) return version;
    }
  }
  const own = ownHeader === undefined ? undefined : headers[ownHeader];
  return typeof own === 'string' ? own : undefined;
}

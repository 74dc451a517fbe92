/** Nova's microversions: which one a request asks for, and what the answer says about it. */
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError, badRequest } from '../errors.ts';

/** Zed's range. */
export const minVersion = '2.1';
export const maxVersion = '2.93';
const maxMinor = 93;

/** The minor number asked for: 1 when nothing was. @throws ApiError 406 out of range, 400 not a version */
export function microversion(headers: IncomingHttpHeaders): number {
  const asked = askedVersion(headers);
  if (asked === undefined) return 1;
  if (asked === 'latest') return maxMinor;
  const match = /^([1-9]\d*)\.(0|[1-9]\d*)$/.exec(asked);
  if (!match) throw badRequest(`API Version String ${asked} is of invalid format. Must be of format MajorNum.MinorNum.`);
  const minor = Number(match[2]);
  if (match[1] !== '2' || minor < 1 || minor > maxMinor) {
    throw new ApiError(406, 'computeFault', `Version ${asked} is not supported by the API. Minimum is ${minVersion} and maximum is ${maxVersion}.`);
  }
  return minor;
}

/** Headers of every answer: the version that was used, or the one that could not be. Nothing for what is no version. */
export function versionHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const asked = askedVersion(headers) ?? minVersion;
  const version = asked === 'latest' ? maxVersion : asked;
  if (!/^\d+\.\d+$/.test(version)) return {};
  return { 'openstack-api-version': `compute ${version}`, 'x-openstack-nova-api-version': version, vary: 'OpenStack-API-Version, X-OpenStack-Nova-API-Version' };
}

function askedVersion(headers: IncomingHttpHeaders): string | undefined {
  const general = headers['openstack-api-version'];
  if (typeof general === 'string') {
    for (const part of general.split(',')) {
      const [service, version] = part.trim().split(/\s+/);
      if (service === 'compute' && version !== undefined) return version;
    }
  }
  const own = headers['x-openstack-nova-api-version'];
  return typeof own === 'string' ? own : undefined;
}

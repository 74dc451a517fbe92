/** Time and chance as the cloud sees them, so that tests can hold both. Ids, MAC and IP addresses come from `Random`; secrets and tokens never do. */
import type { Random } from '../../provisioner/openstack/clock.ts';

export { systemClock, type Clock, type Random } from '../../provisioner/openstack/clock.ts';

/** A version 4 UUID drawn from `random`. */
export function uuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  hex[12] = '4';
  hex[16] = '89ab'[Math.floor(random() * 4)] ?? '8';
  const all = hex.join('');
  return [all.slice(0, 8), all.slice(8, 12), all.slice(12, 16), all.slice(16, 20), all.slice(20)].join('-');
}

/** 2026-01-31T12:00:00Z, as Nova, Neutron and Glance write it. Octavia leaves the Z out. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** 2026-01-31T12:00:00.000000Z, as Keystone writes it. */
export function isoMicroseconds(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

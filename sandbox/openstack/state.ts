/** Everything the cloud knows, as plain data: `JSON.stringify` of it is a snapshot, and nothing else has to be remembered. */
import type { CinderState } from './cinder/records.ts';
import type { GlanceState } from './glance/records.ts';
import type { KeystoneState } from './keystone/records.ts';
import type { NeutronState } from './neutron/records.ts';
import type { NovaState } from './nova/records.ts';
import type { OctaviaState } from './octavia/records.ts';

export interface CloudState {
  readonly version: 1;
  readonly region: string;
  readonly zones: string[];
  readonly keystone: KeystoneState;
  readonly nova: NovaState;
  readonly neutron: NeutronState;
  readonly glance: GlanceState;
  readonly octavia: OctaviaState;
  readonly cinder: CinderState;
}

export function emptyState(region: string, zones: readonly string[]): CloudState {
  return {
    version: 1,
    region,
    zones: [...zones],
    keystone: { domains: {}, projects: {}, users: {}, roles: {}, assignments: [], applicationCredentials: {}, accessRules: {}, tokens: {} },
    nova: { flavors: {}, servers: {}, keypairs: {}, serverGroups: {}, quotas: {}, hosts: {}, deletedServers: {} },
    neutron: { networks: {}, subnets: {}, ports: {}, routers: {}, floatingIps: {}, securityGroups: {}, securityGroupRules: {}, trunks: {}, rbacPolicies: {}, quotas: {} },
    glance: { images: {} },
    octavia: { loadBalancers: {}, listeners: {}, pools: {}, members: {}, healthMonitors: {}, quotas: {} },
    cinder: { zones: [...zones], types: {}, volumes: {}, snapshots: {}, attachments: {}, transfers: {}, quotas: {} },
  };
}

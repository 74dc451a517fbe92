/** The calls of a running fleet's clients against those that the contract suite makes on both sides: one that is not there is a promise that nobody checked. */
import type { CallCount } from '../../sandbox/openstack/index.ts';
import { cloudControllerCalls, clusterApiCalls } from '../openstack/calls.ts';

/** By the name in the User-Agent. */
const promised: Readonly<Record<string, readonly string[]>> = {
  'cluster-api-provider-openstack': clusterApiCalls,
  'openstack-cloud-controller-manager': cloudControllerCalls,
};

/** `PUT /v2.0/ports/{id} 409` of Cluster API's provider or the cloud controller manager; queries are not counted apart. Empty: the contract has them all. */
export function uncheckedCalls(calls: readonly CallCount[]): string[] {
  return calls.flatMap(({ userAgent, method, route, status }) => {
    const known = promised[userAgent];
    const call = `${method} ${withoutVersion(route)} ${status}`;
    return known === undefined || known.some((one) => one.replace(/\?\S*/, '') === call) ? [] : [`${userAgent}: ${call}`];
  });
}

/** Routes of the cloud as the contract writes paths: without the version that Nova's and Keystone's endpoints end with. */
function withoutVersion(route: string): string {
  return route.replace(/^\/(v2\.1|v3)(?=\/|$)/, '').replace(/:\w+/g, '{id}') || '/';
}

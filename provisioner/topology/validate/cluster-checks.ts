/** Checks of the cluster as a whole: name, version, size, ranges of addresses. */
import { isIPv6 } from 'node:net';
import { maxClusterName } from '../../api/names.ts';
import { isWithin } from '../../preflight/checks/ranges.ts';
import { minorOf, supportedMinors, versionOf } from '../kubeadm/version.ts';
import { overlap } from './cidr.ts';
import type { Check } from './finding.ts';

const name: Check = ({ builtin: { cluster } }) =>
  cluster.name.length > maxClusterName
    ? [{ path: 'metadata.name', message: `the name ${cluster.name} has ${cluster.name.length} characters; names of servers, load balancers and volumes are built from it, so it may have ${maxClusterName}`, fix: 'create the Cluster under a shorter name' }]
    : [];

const version: Check = (inputs) => {
  const given = versionOf(inputs);
  const minor = minorOf(given);
  const { oldest, newest } = supportedMinors;
  if (minor !== undefined && minor >= oldest && minor <= newest) return [];
  return [{ path: 'spec.topology.version', message: `Kubernetes ${given} is none that this class makes clusters of`, fix: `take v1.${oldest} to v1.${newest}` }];
};

/** etcd keeps a majority with an odd number; without a load balancer one address stands for one server. */
const replicas: Check = ({ builtin, variables }) => {
  const count = builtin.controlPlane?.replicas;
  const path = 'spec.topology.controlPlane.replicas';
  if (count === undefined) return [];
  if (![1, 3, 5].includes(count)) return [{ path, message: `${count} control plane servers`, fix: 'etcd keeps a majority with 1, 3 or 5' }];
  if (count > 1 && variables.api.loadBalancer.provider === 'none') return [{ path, message: `${count} control plane servers without a load balancer`, fix: 'set api.loadBalancer.provider to ovn or amphora, or replicas to 1' }];
  return [];
};

const ranges: Check = ({ variables, builtin }) => {
  const { pods = [], services = [] } = builtin.cluster.network ?? {};
  const all = [{ what: 'network.nodeCidr', cidr: variables.network.nodeCidr }, ...named('pods', pods), ...named('services', services)];
  return pairs(all)
    .filter(([a, b]) => overlap(a.cidr, b.cidr))
    .map(([a, b]) => ({ path: a.what, message: `${a.what} ${a.cidr} overlaps ${b.what} ${b.cidr}; packets would not find their way`, fix: 'choose ranges apart' }));
};

/** A wider route is none of the cluster's business: the nearer range wins. One to a part of its own ranges would lead packets away. */
const routes: Check = ({ variables: { network }, builtin }) => {
  const { pods = [], services = [] } = builtin.cluster.network ?? {};
  const own = [{ what: 'network.nodeCidr', cidr: network.nodeCidr }, ...named('pods', pods), ...named('services', services)];
  return network.routes.flatMap(({ destination }, i) => own.filter(({ cidr }) => isWithin(destination, cidr)).map(({ what, cidr }) => ({ path: `network.routes[${i}].destination`, message: `${destination} is in ${what} ${cidr}, whose packets would leave the cluster`, fix: 'route ranges outside of the cluster alone' })));
};

/** Two families of pods need two of Services, and nodes that have both. */
const families: Check = ({ variables, builtin }) => {
  const { pods = [], services = [] } = builtin.cluster.network ?? {};
  const [ofPods, ofServices] = [pods, services].map((cidrs) => cidrs.map((cidr) => (isIPv6(cidr.split('/')[0] ?? '') ? 'IPv6' : 'IPv4')).sort().join(' and '));
  if (pods.length && services.length && ofPods !== ofServices) return [{ path: 'spec.clusterNetwork', message: `pods have ${ofPods}, Services ${ofServices}`, fix: 'give both the same families' }];
  if (ofPods?.includes('IPv6') && variables.network.existing?.subnets.length !== 2) return [{ path: 'spec.clusterNetwork.pods', message: 'pods have IPv6 and the network that is made for the nodes has not', fix: 'give network.existing with an IPv4 and an IPv6 subnet' }];
  return [];
};

const fixedIp: Check = ({ variables: { api, network } }) => {
  const { fixedIp: address } = api.floatingIp;
  return address !== undefined && !network.existing && !overlap(`${address}/32`, network.nodeCidr)
    ? [{ path: 'api.floatingIp.fixedIp', message: `${address} is not in network.nodeCidr ${network.nodeCidr}`, fix: 'choose an address of the subnet' }]
    : [];
};

/** Octavia turns away whom its list does not name, this management cluster too: it could not manage the cluster any more. With OVN the operator's policy waits instead (`ManagementEgressUnknown`). */
const management: Check = ({ variables: { api: { loadBalancer: { provider, allowedCidrs } } }, managementEgress }) =>
  provider === 'amphora' && allowedCidrs.length > 0 && managementEgress.length === 0 && !allowedCidrs.includes('0.0.0.0/0')
    ? [{ path: 'api.loadBalancer.allowedCidrs', message: 'the load balancer would turn this management cluster away too, because nobody has said from where it calls', fix: 'say so in operator.managementEgress of chart keelson, or leave the list out' }]
    : [];

export const clusterChecks: readonly Check[] = [name, version, replicas, ranges, routes, families, fixedIp, management];

const named = (kind: string, cidrs: readonly string[]): { what: string; cidr: string }[] => cidrs.map((cidr) => ({ what: `spec.clusterNetwork.${kind}`, cidr }));
const pairs = <T>(list: readonly T[]): [T, T][] => list.flatMap((a, i) => list.slice(i + 1).map((b): [T, T] => [a, b]));

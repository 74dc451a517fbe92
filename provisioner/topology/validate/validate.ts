/** ValidateTopology: what no schema can say about a cluster as a whole. Pure; old values are not in the request. */
import { maxClusterName } from '../../api/names.ts';
import type { Outcome, TopologyRequest } from '../extension/hooks.ts';
import { failure, success } from '../extension/hooks.ts';
import { inputsOf, type Inputs } from '../patches/inputs.ts';
import { overlap } from './cidr.ts';

/** Returns what is wrong and what to do, or undefined. */
type Check = (inputs: Inputs) => string | undefined;

const checks: readonly Check[] = [
  ({ builtin }) =>
    builtin.cluster.name.length > maxClusterName
      ? `the name ${builtin.cluster.name} has ${builtin.cluster.name.length} characters; names of servers, load balancers and volumes are built from it, so it may have ${maxClusterName}. Create the Cluster under a shorter name`
      : undefined,
  ({ builtin }) => {
    const replicas = builtin.controlPlane?.replicas;
    return replicas !== undefined && ![1, 3, 5].includes(replicas)
      ? `spec.topology.controlPlane.replicas is ${replicas}; etcd keeps a majority with 1, 3 or 5`
      : undefined;
  },
  ({ variables, builtin }) => {
    const { pods = [], services = [] } = builtin.cluster.network ?? {};
    const ranges = [{ what: 'network.nodeCidr', cidr: variables.network.nodeCidr }, ...named('pods', pods), ...named('services', services)];
    const clash = pairs(ranges).find(([a, b]) => overlap(a.cidr, b.cidr));
    return clash ? `${clash[0].what} ${clash[0].cidr} overlaps ${clash[1].what} ${clash[1].cidr}; packets would not find their way. Choose ranges apart` : undefined;
  },
];

/** All findings of the cluster-wide inputs and of each item, once each. @throws ApiError VARIABLE_INVALID */
export function validateTopology(request: TopologyRequest): Outcome {
  const inputs = [inputsOf(request), ...request.items.map((item) => inputsOf(request, item))];
  const findings = new Set(inputs.flatMap((input) => checks.map((check) => check(input)).filter((finding) => finding !== undefined)));
  return findings.size ? failure([...findings].join('; ')) : success;
}

const named = (kind: string, cidrs: readonly string[]): { what: string; cidr: string }[] => cidrs.map((cidr) => ({ what: `spec.clusterNetwork.${kind}`, cidr }));
const pairs = <T>(list: readonly T[]): [T, T][] => list.flatMap((a, i) => list.slice(i + 1).map((b): [T, T] => [a, b]));

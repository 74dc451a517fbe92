/** Ways out that were forgotten: names, Cilium's look into their answers, the API server. Components with a contract are judged by it instead. */
import type { Finding } from '../../findings/finding.ts';
import { contains, parseAddress } from '../simulator/addresses.ts';
import type { Endpoint, Pod } from '../model.ts';
import type { Rule } from '../simulator/rule.ts';
import { about, aboutObject, type LintContext } from './context.ts';

/** Whose egress is closed and who reaches something by name, but not the resolver. One finding per workload. */
export function noDns(context: LintContext): readonly Finding[] {
  const { world } = context.simulator;
  const resolvers = world.pods.filter(({ labels, hostNetwork }) => !hostNetwork && (labels['k8s-app'] === 'kube-dns' || labels['app.kubernetes.io/name'] === 'coredns'));
  return strangers(context).flatMap(({ manifest, pod }) => {
    const egress = egressOf(pod, context);
    const goesOut = egress.filter(({ verdict, peers }) => verdict === 'allow' && peers !== 'none' && !isNodesOnly(peers));
    if (goesOut.length === 0 || !egress.some(({ hasDefaultDeny }) => hasDefaultDeny)) return [];
    const from = endpoint(pod);
    const isOpen = resolvers.length > 0
      ? resolvers.some((dns) => [...new Set([53, ...dns.ports.filter(({ protocol }) => protocol === 'UDP').map(({ port }) => port)])].some((port) => context.simulator.decide({ from, to: endpoint(dns), protocol: 'UDP', port }).egress.allowed))
      : goesOut.some(({ ports }) => ports === 'all' || ports.some((match) => match.protocol === 'UDP' && ('name' in match || (match.from <= 53 && 53 <= match.to) || match.from === 1053)));
    if (isOpen) return [];
    return [aboutObject(manifest, '', {
      rule: 'no-dns', severity: 'warning',
      message: `its egress is closed except for ${goesOut.length} rules, and none lets it ask for names`,
      fix: 'allow the DNS pods on their target port, UDP and TCP (53, or 1053 where CoreDNS listens there)',
    })];
  });
}

/** Rules by name work only where the pod's DNS queries pass Cilium's proxy (cilium#28427, #44714). */
export function namesWithoutProxy(context: LintContext): readonly Finding[] {
  return context.rules.filter((rule) => rule.direction === 'egress' && typeof rule.peers !== 'string' && rule.peers.some(({ kind }) => kind === 'name')).flatMap((rule) => {
    const pods = context.podsWith(rule.subject);
    const sees = (other: Rule): boolean => other.ports !== 'all' && other.ports.some(({ proxy }) => proxy === 'dns');
    const together = (other: Rule): boolean => (pods.length > 0 ? pods.every((pod) => context.podsWith(other.subject).includes(pod)) : JSON.stringify(other.subject) === JSON.stringify(rule.subject));
    if (context.rules.some((other) => other.direction === 'egress' && other.verdict === 'allow' && sees(other) && together(other))) return [];
    return [about(context, rule, 'toFQDNs', {
      rule: 'names-without-proxy', severity: 'error',
      message: 'Cilium learns the addresses of names from DNS answers that pass its proxy, and no rule sends them there: these names stay closed',
      fix: 'add rules: {dns: [{matchPattern: "*"}]} to the rule that allows the DNS pods',
    })];
  });
}

/** `**` means many labels since 1.19; before, patterns knew only `*`. */
export function namesOfOtherVersions(context: LintContext): readonly Finding[] {
  return context.rules.flatMap((rule) => (typeof rule.peers === 'string' ? [] : rule.peers).flatMap((peer) => (peer.kind === 'name' && peer.text.includes('**')
    ? [about(context, rule, 'toFQDNs', { rule: 'version-dependent', severity: 'warning', message: `the pattern ${peer.text} means names of any depth since Cilium 1.19; older agents read it otherwise`, fix: 'name each depth (*.x, *.*.x) while older agents run' })]
    : [])));
}

/** CIDRs are about what is outside the cluster: they match neither nodes nor pods, and not the API server on a node (cilium#35401, #20550, #14724). */
export function cidrsOfNodes(context: LintContext): readonly Finding[] {
  const { world } = context.simulator;
  if (world.settings?.cidrMatchMode?.includes('nodes')) return [];
  const service = world.services.find(({ namespace, name }) => namespace === 'default' && name === 'kubernetes');
  const known = [
    ...world.nodes.flatMap(({ name, addresses, isControlPlane }) => addresses.map((ip) => ({ ip, who: `node ${name}`, entity: isControlPlane ? 'kube-apiserver or remote-node' : 'host and remote-node' }))),
    ...(service?.clusterIps ?? []).map((ip) => ({ ip, who: 'the Service default/kubernetes', entity: 'kube-apiserver' })),
    ...world.pods.flatMap(({ namespace, name, addresses, hostNetwork }) => (hostNetwork ? [] : addresses.map((ip) => ({ ip, who: `pod ${namespace}/${name}`, entity: undefined })))),
  ].flatMap(({ ip, ...rest }) => { const address = parseAddress(ip); return address ? [{ ip, address, ...rest }] : []; });
  return context.rules.flatMap((rule) => (typeof rule.peers === 'string' ? [] : rule.peers).flatMap((peer) => {
    if (peer.kind !== 'cidr' || peer.prefix.length === 0) return [];
    const hit = known.find(({ address }) => contains(peer.prefix, address));
    if (!hit) return [];
    const severity = peer.prefix.length >= 24 ? 'error' : 'warning';
    return [about(context, rule, '', { rule: 'cidr-on-cluster', severity, message: `the CIDR contains ${hit.ip}, which is ${hit.who}: CIDRs never match what is inside the cluster`, fix: hit.entity === undefined ? 'select the pods by their labels' : `name the entity ${hit.entity}` })];
  }));
}

/** A pod with an account of its own whose way to the API server is closed. */
export function apiServerClosed(context: LintContext): readonly Finding[] {
  const port = context.catalogue.site.apiServerPort;
  const [node] = context.simulator.world.nodes.filter(({ isControlPlane }) => isControlPlane);
  const to: Endpoint | undefined = node ? { kind: 'node', name: node.name } : context.simulator.world.apiServerAddresses[0] === undefined ? undefined : { kind: 'apiServer' };
  if (!to) return [];
  return strangers(context).filter(({ usesApiServer }) => usesApiServer).flatMap(({ manifest, pod }) => {
    if (context.simulator.decide({ from: endpoint(pod), to, protocol: 'TCP', port }).egress.allowed) return [];
    return [aboutObject(manifest, '', {
      rule: 'api-server-closed', severity: 'warning',
      message: `it has a service account, and its egress to the API server is closed`,
      fix: `allow toEntities: [kube-apiserver] on ${port}/TCP; no CIDR and no selector of pods matches it. If it needs no token: automountServiceAccountToken: false`,
    })];
  });
}

interface Stranger {
  readonly manifest: LintContext['read']['workloads'][number]['manifest'];
  readonly pod: Pod;
  readonly usesApiServer: boolean;
}

/** Workloads without a contract, one pod each. */
function strangers({ read, catalogue }: LintContext): readonly Stranger[] {
  const hasContract = (pod: Pod): boolean => catalogue.contracts.some(({ pods }) => pods.namespace === pod.namespace && Object.entries(pods.labels).every(([key, value]) => pod.labels[key] === value));
  return read.workloads.flatMap(({ manifest, pods: [pod], workload }) => (pod && !pod.hostNetwork && !hasContract(pod) ? [{ manifest, pod, usesApiServer: workload.usesApiServer }] : []));
}

const egressOf = (pod: Pod, { rules, podsWith }: LintContext): readonly Rule[] => rules.filter((rule) => rule.direction === 'egress' && !rule.isAboutNodes && podsWith(rule.subject).includes(pod));
const endpoint = ({ namespace, name }: Pod): Endpoint => ({ kind: 'pod', namespace, name });

/** Nodes and the API server are reached by address. */
function isNodesOnly(peers: Rule['peers']): boolean {
  return typeof peers !== 'string' && peers.every((peer) => peer.kind === 'labels' && peer.requirements.every(({ source }) => source === 'reserved'));
}

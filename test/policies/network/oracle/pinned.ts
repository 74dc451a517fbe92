/** Cases that surprise, kept so that nobody "corrects" the simulator: Cilium 1.20 decides them so, and the oracle is asked each time. */
import type { CiliumSettings, Flow, PolicyObject, World } from '../../../../policies/network/model.ts';
import { address, agent, cache, ccnp, cnp, db, fqdn, knp, node, ping, smallWorld, tcp, web } from '../small-world.ts';

export interface Pinned {
  readonly why: string;
  readonly world: World;
  readonly policies: readonly PolicyObject[];
  readonly flow: Flow;
  readonly direction: 'ingress' | 'egress';
  readonly allowed: boolean;
}

const pin = (why: string, policies: readonly PolicyObject[], flow: Flow, direction: Pinned['direction'], allowed: boolean, settings: CiliumSettings = {}): Pinned => ({
  why, policies, flow, direction, allowed, world: { ...smallWorld, settings },
});
const port = (...ports: object[]) => ({ toPorts: [{ ports }] });

export const pinned: readonly Pinned[] = [
  pin('toServices of no service, with ports, is open to every peer', [cnp({ egress: [{ toServices: [{ k8sService: { serviceName: 'absent' } }], ...port({ port: '5432', protocol: 'TCP' }) }] })], tcp(web, cache, 5432), 'egress', true),
  pin('toServices of no service, without ports, is closed', [cnp({ egress: [{ toServices: [{ k8sService: { serviceName: 'absent' } }] }] })], tcp(web, cache, 5432), 'egress', false),
  pin('toServices in a deny rule, with ports, denies every peer', [cnp({ enableDefaultDeny: { egress: false }, egressDeny: [{ toServices: [{ k8sService: { serviceName: 'db' } }], ...port({ port: '8080', protocol: 'TCP' }) }] })], tcp(web, cache), 'egress', false),
  pin('toServices in a deny rule, without ports, denies nobody', [cnp({ enableDefaultDeny: { egress: false }, egressDeny: [{ toServices: [{ k8sService: { serviceName: 'db' } }] }] })], tcp(web, db), 'egress', true),
  pin('an empty list of names, with ports, is open to every peer', [cnp({ egress: [{ toFQDNs: [], ...port({ port: '8080' }) }] })], tcp(web, cache), 'egress', true),
  pin('an empty list of endpoints is closed', [cnp({ egress: [{ toEndpoints: [], ...port({ port: '8080' }) }] })], tcp(web, cache), 'egress', false),
  pin('ICMP type 0 is every type', [cnp({ ingress: [{ icmps: [{ fields: [{ type: 0 }] }] }] })], ping(web, db, 3), 'ingress', true),
  pin('ports do not let a ping through, not even port 0', [cnp({ ingress: [port({ port: '0' })] })], ping(web, db), 'ingress', false),
  pin('a port with a leading zero is octal', [cnp({ ingress: [port({ port: '010', protocol: 'TCP' })] })], tcp(web, db, 8), 'ingress', true),
  pin('a range that ends before it starts is its first port', [cnp({ ingress: [port({ port: '5432', endPort: 5000 })] })], tcp(web, db, 5432), 'ingress', true),
  pin('a deny rule shuts out the own node too', [cnp({ ingressDeny: [{ fromEntities: ['host'] }] })], tcp(node('n3'), db), 'ingress', false),
  pin('enforcement always, without rules, shuts out the own node (cilium#48444)', [], tcp(node('n3'), db), 'ingress', false, { enforcement: 'always' }),
  pin('enforcement always, with any rule, does not', [cnp({ ingress: [{}] })], tcp(node('n3'), db), 'ingress', true, { enforcement: 'always' }),
  pin('0.0.0.0/0 is not nodes, not even with policyCIDRMatchMode nodes', [cnp({ egress: [{ toCIDR: ['0.0.0.0/0'] }] })], tcp(web, node('n3')), 'egress', false, { cidrMatchMode: ['nodes'] }),
  pin('fromNodes is never the own node', [cnp({ ingress: [{ fromNodes: [{}] }] })], tcp(agent, web), 'ingress', false, { nodeSelectorLabels: true, allowLocalhost: false }),
  pin('a nodeSelector on kubernetes.io/hostname selects no node', [ccnp({ nodeSelector: { matchLabels: { 'kubernetes.io/hostname': 'n3' } }, ingress: [{}] })], tcp(web, node('n3'), 22), 'ingress', true, { hostFirewall: true }),
  pin('NotIn on groups of CIDRs holds for addresses in no group', [cnp({ egress: [{ toCIDRSet: [{ cidrGroupSelector: { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['far'] }] } }] }] })], tcp(web, address('198.51.100.1')), 'egress', true),
  pin('an empty selector of CIDR groups is every peer, pods too', [cnp({ egress: [{ toCIDRSet: [{ cidrGroupSelector: {} }] }] })], tcp(web, cache), 'egress', true),
  pin('with an except it is not', [cnp({ egress: [{ toCIDRSet: [{ cidrGroupSelector: {}, except: ['10.1.0.0/16'] }] }] })], tcp(web, cache), 'egress', false),
  pin('egress rules count although policyTypes leaves Egress out', [knp({ policyTypes: ['Ingress'], ingress: [{}], egress: [{ to: [{ podSelector: { matchLabels: { app: 'web' } } }] }] })], tcp(web, db), 'egress', false),
  pin('a name is world', [cnp({ egress: [{ toEntities: ['world'] }] })], tcp(web, fqdn('example.com'), 443), 'egress', true),
  pin('an entry of toPorts without ports is no port', [cnp({ ingress: [{ toPorts: [{}] }] })], tcp(web, db), 'ingress', false),
  pin('a CiliumNetworkPolicy that names another namespace with k8s: is about its own', [cnp({ endpointSelector: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'other' } }, ingress: [{}] })], tcp(web, db), 'ingress', false),
  pin('and without k8s: about nobody', [cnp({ endpointSelector: { matchLabels: { 'io.kubernetes.pod.namespace': 'other' } }, ingress: [{}] })], tcp(web, db), 'ingress', true),
];

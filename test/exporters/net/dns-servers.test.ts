/** Which DNS servers a node asks. */
import { schema } from '../../../exporters/net/config.ts';
import { dnsServers, firstNameserver, isNodeLocal, type DnsServer } from '../../../exporters/net/dns/servers.ts';
import type { Endpoint, EndpointSlice } from '../../../exporters/net/peers/endpoint-slices.ts';

const slice = (endpoints: readonly Endpoint[], port = 5353): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'kube-dns', namespace: 'kube-system' },
  ports: [{ name: 'metrics', port: 9153, protocol: 'TCP' }, { name: 'dns', port, protocol: 'UDP' }], endpoints,
});
const pod = (i: number, over: Partial<Endpoint> = {}): Endpoint => ({ addresses: [`10.0.0.${i}`], nodeName: `n${i}`, zone: 'a', targetRef: { kind: 'Pod', name: `dns-${i}` }, ...over });
const servers = (endpoints: readonly Endpoint[], over: { readonly dns?: object; readonly node?: string; readonly serviceAddress?: string | undefined } = {}): readonly DnsServer[] =>
  dnsServers({ config: schema.parse({ dns: over.dns ?? {} }).dns, serviceAddress: over.serviceAddress, slices: [slice(endpoints)], node: over.node ?? 'n1' });
const names = (all: readonly DnsServer[]): readonly string[] => all.map(({ name }) => name).sort();

test('the Service, the cache of the node and the pods behind it, at the port where they listen', () => {
  const all = servers([pod(1)], { dns: { nodeLocalAddress: '169.254.20.10' }, serviceAddress: '10.96.0.10' });
  expect(all).toEqual([
    { name: 'kube-dns', role: 'service', address: '10.96.0.10', port: 53 },
    { name: 'node-local', role: 'node_local', address: '169.254.20.10', port: 53 },
    { name: 'dns-1', role: 'pod', address: '10.0.0.1', port: 5353, node: 'n1', zone: 'a' },
  ]);
});

test('a pod that is not ready or terminates is not asked; one of which nothing is said is', () => {
  expect(names(servers([pod(1, { conditions: { ready: false } }), pod(2, { conditions: { ready: true, terminating: true } }), pod(3, { conditions: { ready: true } }), pod(4), pod(5, { addresses: [] })]))).toEqual(['dns-3', 'dns-4']);
});

test('no pods where the configuration says so; and servers that are named stand instead of all', () => {
  expect(servers([pod(1)], { dns: { pods: false } })).toEqual([]);
  const named = [{ name: 'r1', address: '192.0.2.53', port: 53, role: 'service' }];
  expect(servers([pod(1)], { dns: { servers: named }, serviceAddress: '10.96.0.10' })).toEqual(named);
});

test('each node asks as many pods as configured, each pod is asked by many, and one that goes moves only those that asked it', () => {
  const pods = Array.from({ length: 8 }, (_, i) => pod(i + 1));
  const nodes = Array.from({ length: 300 }, (_, i) => `worker-${i}`);
  const before = nodes.map((node) => names(servers(pods, { node })));
  expect(new Set(before.map(({ length }) => length))).toEqual(new Set([3]));
  expect(nodes.map((node) => names(servers([...pods].reverse(), { node })))).toEqual(before);
  const askedBy = pods.map((_, i) => before.filter((asked) => asked.includes(`dns-${i + 1}`)).length);
  console.info(`300 nodes, 3 of 8 pods: each pod is asked by ${Math.min(...askedBy)} to ${Math.max(...askedBy)}`);
  expect(Math.min(...askedBy)).toBeGreaterThan(300 * (3 / 8) / 2);
  const after = nodes.map((node) => names(servers(pods.slice(1), { node })));
  nodes.forEach((_, i) => {
    const kept = before[i]!.filter((name) => name !== 'dns-1');
    expect(after[i]).toEqual(expect.arrayContaining(kept));
    if (kept.length === 3) expect(after[i]).toEqual(before[i]);
  });
  expect(names(servers(pods, { dns: { maxPods: 1 } }))).toHaveLength(1);
});

test('the nameserver of a pod, and whether it is a cache of the node', () => {
  expect(firstNameserver('# set by the kubelet\nsearch svc.cluster.local\nnameserver 169.254.20.10\nnameserver 10.96.0.10\n')).toBe('169.254.20.10');
  expect(firstNameserver('nameserver fe80::1%eth0\n')).toBe('fe80::1');
  expect(firstNameserver('search example.org\n')).toBeUndefined();
  expect(['169.254.20.10', 'fe80::1', '10.96.0.10', 'fd00::a'].map(isNodeLocal)).toEqual([true, true, false, false]);
});

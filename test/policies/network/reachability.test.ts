/** The matrix says what `decide` says, for every pair and port; and its sets of ports are sets. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Endpoint, Flow, World } from '../../../policies/network/model.ts';
import { formatSpans, includes, reachability } from '../../../policies/network/reachability/index.ts';
import { difference, everything, intersection, protocols, union, type Span } from '../../../policies/network/reachability/spans.ts';
import { createSimulator } from '../../../policies/network/simulator/index.ts';
import { makePolicies } from './oracle/policies.ts';
import { Chance } from './oracle/random.ts';
import { makeWorld } from './oracle/worlds.ts';
import { cnp, ccnp, smallWorld } from './small-world.ts';

const worlds = 60;

describe('the matrix', () => {
  test(`agrees with decide on ${worlds} generated worlds`, () => {
    let compared = 0;
    let open = 0;
    for (let i = 0; i < worlds; i++) {
      const chance = new Chance(99 + i);
      const world = makeWorld(chance);
      const policies = makePolicies(chance);
      const matrix = reachability(world, policies);
      const simulator = createSimulator(world, policies);
      for (const [from, sender] of matrix.groups.entries()) {
        for (const [to, receiver] of matrix.groups.entries()) {
          const [a, b] = [sender.members[0], receiver.members.at(-1)] as [Endpoint, Endpoint];
          if (a.kind === 'fqdn' || isSame(a, b) || isOwnNode(world, a, b) || isOwnNode(world, b, a)) continue;
          for (const flow of flows(chance, a, b)) {
            const expected = simulator.decide(flow).allowed;
            const found = includes(matrix.open(from, to), flow.protocol, flow.port ?? flow.icmpType ?? 8);
            compared++;
            if (expected) open++;
            if (found !== expected) throw new Error(`world ${i}: ${JSON.stringify(flow)}: decide says ${expected}, the matrix ${formatSpans(matrix.open(from, to))}\n${JSON.stringify(policies)}`);
          }
        }
      }
    }
    expect(compared).toBeGreaterThan(15_000);
    expect(open / compared).toBeGreaterThan(0.1);
    expect(open / compared).toBeLessThan(0.9);
  });

  test('puts pods that policies cannot tell apart into one group', () => {
    const pods = Array.from({ length: 20 }, (_, i) => ({ namespace: 'shop', name: `web-${i}`, labels: { app: 'web', replica: String(i) }, hostNetwork: false, addresses: [], ports: [] }));
    const { groups } = reachability({ ...smallWorld, pods }, [cnp({ ingress: [{ fromEndpoints: [{ matchLabels: { app: 'web' } }] }] })]);
    expect(groups.filter((group) => group.members.some((member) => member.kind === 'pod')).map((group) => group.label)).toEqual(['shop/web-0 and 19 more']);
  });

  test('tells apart what policies tell apart outside', () => {
    const { groups } = reachability(smallWorld, [ccnp({ egress: [{ toCIDRSet: [{ cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }] }, { toCIDR: ['10.1.2.3/32'] }, { toFQDNs: [{ matchName: 'Example.com.' }] }] })]);
    // What is excepted and what no CIDR names are alike: closed.
    expect(groups.map((group) => group.label).slice(-4)).toEqual(['10.0.0.0/8 but not 10.1.0.0/16', '10.1.0.0/16 but not 10.1.2.3/32 and 1 more', '10.1.2.3/32', 'example.com']);
  });
});

describe('sets of ports', () => {
  const port = fc.integer({ min: 1, max: 40 });
  const spans = fc.array(fc.record({ protocol: fc.constantFrom(...protocols), from: port, to: port }), { maxLength: 6 }).map((list) => union(list as Span[]));
  const points = protocols.flatMap((protocol) => Array.from({ length: 41 }, (_, i) => ({ protocol, port: i })));
  const same = (a: ReturnType<typeof union>, inside: (protocol: Span['protocol'], p: number) => boolean) => points.every((x) => includes(a, x.protocol, x.port) === inside(x.protocol, x.port));

  test('meet, join and part as sets do', () => {
    fc.assert(
      fc.property(spans, spans, (a, b) => {
        expect(same(intersection(a, b), (p, n) => includes(a, p, n) && includes(b, p, n))).toBe(true);
        expect(same(union([...a, ...b]), (p, n) => includes(a, p, n) || includes(b, p, n))).toBe(true);
        expect(same(difference(a, b), (p, n) => includes(a, p, n) && !includes(b, p, n))).toBe(true);
      }),
    );
  });

  test('read well', () => {
    expect(formatSpans(everything)).toBe('everything');
    expect(formatSpans([])).toBe('nothing');
    expect(formatSpans(union([{ protocol: 'TCP', from: 80, to: 80 }, { protocol: 'TCP', from: 81, to: 90 }, { protocol: 'UDP', from: 0, to: 65535 }]))).toBe('TCP 80-90, UDP');
  });
});

function flows(chance: Chance, from: Endpoint, to: Endpoint): Flow[] {
  return [
    { from, to, protocol: 'TCP', port: chance.one([80, 8080, 9100, 8000, 443]) },
    { from, to, protocol: 'UDP', port: chance.one([53, 8080]) },
    chance.is(0.5) ? { from, to, protocol: 'ICMP', icmpType: chance.one([8, 3]) } : { from, to, protocol: 'SCTP', port: 80 },
  ];
}

function isSame(a: Endpoint, b: Endpoint): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isOwnNode(world: World, pod: Endpoint, node: Endpoint): boolean {
  return pod.kind === 'pod' && node.kind === 'node' && world.pods.some((p) => p.namespace === pod.namespace && p.name === pod.name && p.node === node.name);
}

import fc from 'fast-check';
import type { Peer } from '../../../exporters/net/peers/peer.ts';
import { select, witnesses, type RingOptions } from '../../../exporters/net/peers/ring.ts';

const options: RingOptions = { ownZonePeers: 2, otherZonePeers: 1, maxOtherZones: 4, fullMeshUpTo: 0 };
const peer = (node: string, zone: string): Peer => ({ node, zone, addresses: ['10.0.0.1'], port: 8000, udpPort: 8001, isReady: true });

/** Clusters of one to five zones with three to forty nodes each. */
const clusters = fc.array(fc.integer({ min: 3, max: 40 }), { minLength: 1, maxLength: 5 }).chain((sizes) => fc.string({ maxLength: 8 }).map((prefix) => sizes.flatMap((size, zone) => Array.from({ length: size }, (_, i) => peer(`${prefix}z${zone}-node-${i}`, `z${zone}`)))));

const selections = (nodes: readonly Peer[], over: Partial<RingOptions> = {}): Map<string, readonly Peer[]> =>
  new Map(nodes.map((me) => [me.node, select(me, nodes.filter((other) => other !== me), { ...options, ...over }).ring]));

describe('the ring', () => {
  test('from three nodes a zone on, every node is watched by at least two of its zone, and every pair of zones both ways', () => {
    const sizes: number[] = [];
    fc.assert(fc.property(clusters, (nodes) => {
      sizes.push(nodes.length);
      const chosen = selections(nodes);
      const zoneOf = new Map(nodes.map(({ node, zone }) => [node, zone]));
      const watchers = new Map(nodes.map(({ node }) => [node, 0]));
      const pairs = new Set<string>();
      for (const [me, ring] of chosen) {
        for (const { node, zone } of ring) {
          pairs.add(`${zoneOf.get(me)} ${zone}`);
          if (zone === zoneOf.get(me)) watchers.set(node, watchers.get(node)! + 1);
        }
      }
      expect(new Set(watchers.values())).toEqual(new Set([2]));
      expect(pairs.size).toBe(new Set(zoneOf.values()).size ** 2);
    }), { numRuns: 40, seed: 9 });
    console.info(`clusters of ${Math.min(...sizes)} to ${Math.max(...sizes)} nodes, ${sizes.length} of them, seed 9`);
  });

  test('how many are watched does not grow with the cluster', () => {
    fc.assert(fc.property(clusters, (nodes) => {
      const zones = new Set(nodes.map(({ zone }) => zone)).size;
      expect(new Set([...selections(nodes).values()].map(({ length }) => length))).toEqual(new Set([2 + Math.min(4, zones - 1)]));
    }), { numRuns: 20 });
  });

  test('nobody watches itself, nobody is watched twice by one', () => {
    fc.assert(fc.property(clusters, (nodes) => {
      const wrong = [...selections(nodes)].filter(([me, ring]) => ring.some(({ node }) => node === me) || new Set(ring).size !== ring.length);
      expect(wrong).toEqual([]);
    }), { numRuns: 20 });
  });

  test('a node that leaves changes only the selections it was in', () => {
    fc.assert(fc.property(clusters, fc.nat(), (nodes, which) => {
      const gone = nodes[which % nodes.length]!;
      const before = selections(nodes);
      const after = selections(nodes.filter((node) => node !== gone));
      const names = (ring: readonly Peer[]): string => ring.map(({ node }) => node).join();
      const changed = [...after].filter(([me, ring]) => !before.get(me)!.includes(gone) && names(ring) !== names(before.get(me)!));
      expect(changed).toEqual([]);
    }), { numRuns: 20 });
  });

  test('the order in which peers are listed does not matter', () => {
    fc.assert(fc.property(clusters, (nodes) => {
      const [me, ...others] = nodes as [Peer, ...Peer[]];
      expect(select(me, [...others].reverse(), options)).toEqual(select(me, others, options));
    }), { numRuns: 30 });
  });

  test('with more zones than are watched, different nodes watch different ones', () => {
    const nodes = Array.from({ length: 60 }, (_, i) => peer(`n${i}`, `z${i % 10}`));
    const seen = [...selections(nodes, { maxOtherZones: 2 })].map(([, ring]) => ring.slice(2).map(({ zone }) => zone).join());
    expect(new Set(seen).size).toBeGreaterThan(3);
  });

  test('up to sixteen nodes everyone is watched, the ring first', () => {
    const nodes = Array.from({ length: 16 }, (_, i) => peer(`n${i}`, `z${i % 3}`));
    const { ring, rest } = select(nodes[0]!, nodes.slice(1), { ...options, fullMeshUpTo: 16 });
    expect(ring).toHaveLength(4);
    expect(new Set([...ring, ...rest])).toEqual(new Set(nodes.slice(1)));
    expect(select(nodes[0]!, [...nodes.slice(1), peer('n16', 'z0')], { ...options, fullMeshUpTo: 16 }).rest).toEqual([]);
  });

  test('witnesses are further peers of a zone', () => {
    const nodes = Array.from({ length: 9 }, (_, i) => peer(`n${i}`, `z${i % 3}`));
    const [me, ...others] = nodes as [Peer, ...Peer[]];
    const watched = new Set(select(me, others, options).ring.map(({ node }) => node));
    const asked = witnesses(me, 'z1', others, { watched, count: 2 });
    expect(asked.map(({ zone }) => zone)).toEqual(['z1', 'z1']);
    expect(asked.some(({ node }) => watched.has(node))).toBe(false);
  });
});

import { peersFrom, trimmed, type Endpoint, type EndpointSlice } from '../../../exporters/net/peers/endpoint-slices.ts';
import type { SkipReason } from '../../../exporters/net/catalogue.ts';
import type { Peer } from '../../../exporters/net/peers/peer.ts';

const slice = (name: string, endpoints: readonly Endpoint[]): EndpointSlice => ({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name }, ports: [{ name: 'http', port: 8000, protocol: 'TCP' }], endpoints });
const endpoint = (node: string, address: string, over: Partial<Endpoint> = {}): Endpoint => ({ addresses: [address], nodeName: node, zone: 'az1', conditions: { ready: true }, targetRef: { kind: 'Pod', name: `pod-of-${node}` }, ...over });

describe('peers from EndpointSlices', () => {
  const skipped: [string, SkipReason][] = [];
  beforeEach(() => void skipped.splice(0));
  const peers = (...slices: EndpointSlice[]): readonly Peer[] => peersFrom(slices, { mesh: { port: 8000, udpPort: 8001, ipFamilies: 'all' }, onSkipped: (...one) => void skipped.push(one) });

  test('a peer has the node, the zone, and one address of each family, from as many slices as there are', () => {
    const found = peers(slice('four', [endpoint('a', '10.0.0.1'), endpoint('b', '10.0.0.2')]), slice('six', [endpoint('a', 'fd00::1')]));
    expect(found).toMatchObject([{ node: 'a', zone: 'az1', addresses: ['10.0.0.1', 'fd00::1'], pod: 'pod-of-a' }, { node: 'b', addresses: ['10.0.0.2'] }]);
  });

  test('of a pod that terminates nothing is known any more; one that is not ready is known as such', () => {
    const found = peers(slice('s', [endpoint('a', '10.0.0.1', { conditions: { ready: false, terminating: true } }), endpoint('b', '10.0.0.2', { conditions: { ready: false } }), endpoint('c', '10.0.0.3', { conditions: {} })]));
    expect(found.map(({ node, isReady }) => [node, isReady])).toEqual([['b', false], ['c', true]]);
  });

  test('while a pod is replaced the ready one counts', () => {
    const old = endpoint('a', '10.0.0.1', { conditions: { ready: false }, targetRef: { name: 'old' } });
    expect(peers(slice('s', [old, endpoint('a', '10.0.0.9', { targetRef: { name: 'new' } })]))).toMatchObject([{ node: 'a', addresses: ['10.0.0.9'], pod: 'new', isReady: true }]);
  });

  test('what cannot be a peer is left out, with the reason', () => {
    const { nodeName: _, ...nowhere } = endpoint('x', '10.0.0.4');
    expect(peers(slice('s', [nowhere, endpoint('b', 'b.example')]))).toEqual([]);
    expect(skipped.map(([, reason]) => reason)).toEqual(['no_node_name', 'bad_address']);
  });

  test('of a slice stays only what is read, and null lists are empty', () => {
    const full = { ...slice('s', [{ ...endpoint('a', '10.0.0.1'), hints: { forZones: [{ name: 'az1' }] } } as Endpoint]), addressType: 'IPv4' };
    expect(JSON.stringify(trimmed(full))).not.toMatch(/hints|addressType|"kind":"Pod"/);
    expect(trimmed({ ...full, endpoints: null, ports: null } as unknown as EndpointSlice)).toMatchObject({ endpoints: [], ports: [] });
  });
});

import { judge, type View } from '../../../exporters/net/verdict/verdict.ts';
import type { PeerView } from '../../../exporters/net/verdict/mesh.ts';
import type { Answer, DnsView } from '../../../exporters/net/verdict/dns.ts';

const me = { node: 'a1', zone: 'a' };
const options = { thresholds: { lossRatio: 0.02, slowFactor: 2, slowExtraSeconds: 0.01 }, slowSeconds: 0.5, maxOffsetSeconds: 0.5 };
const fine: Omit<PeerView, 'node' | 'zone'> = {
  isUp: true, isHeard: false, loss: { sent: 80, lost: 0, lostOut: 0, lostIn: 0 }, last: { small: { sent: 20, lost: 0 }, large: { sent: 4, lost: 0 } }, roundTrip: 0.0005, usual: 0.0004,
};
const down: Partial<PeerView> = { isUp: false, loss: { sent: 80, lost: 40, lostOut: 0, lostIn: 0 }, last: { small: { sent: 20, lost: 20 }, large: { sent: 4, lost: 4 } }, roundTrip: undefined };

/** Nine nodes in three zones as a1 sees them, with what is not fine. */
function nine(faults: Record<string, Partial<PeerView>> = {}): PeerView[] {
  return ['a2', 'a3', 'b1', 'b2', 'b3', 'c1', 'c2', 'c3'].map((node) => ({ node, zone: node[0]!, ...fine, ...faults[node] }));
}
const all = (nodes: string, fault: Partial<PeerView>): Record<string, Partial<PeerView>> => Object.fromEntries(nodes.split(' ').map((node) => [node, fault]));
const mesh = (faults: Record<string, Partial<PeerView>>, witnesses: View['mesh']['witnesses'] = []): View => ({ mesh: { me, peers: nine(faults), witnesses }, dns: [], services: [], clockOffset: undefined });
const says = (view: View): string[] => judge(view, options).map(({ verdict, subject, detail }) => `${verdict} ${subject} ${detail}`.trim());

const ok = (seconds = 0.002): Answer[] => (['udp', 'tcp'] as const).map((proto) => ({ proto, result: 'NOERROR', seconds }));
const silent: Answer[] = (['udp', 'tcp'] as const).map((proto) => ({ proto, result: 'TIMEOUT', seconds: undefined }));
const servers = (answers: Record<'kube-dns' | 'dns-1' | 'dns-2', Answer[]>): View => ({
  ...mesh({}),
  dns: [{ name: 'kube-dns', role: 'service', answers: answers['kube-dns'] }, { name: 'dns-1', role: 'pod', node: 'b1', zone: 'b', answers: answers['dns-1'] }, { name: 'dns-2', role: 'pod', node: 'c1', zone: 'c', answers: answers['dns-2'] }] satisfies DnsView[],
});

describe('the verdict of the mesh', () => {
  test('nothing is wrong', () => expect(says(mesh({}))).toEqual([]));

  test.each<[string, Record<string, Partial<PeerView>>, string[]]>([
    ['a node is dead', { b2: down }, ['peer_down b2']],
    ['two nodes of different zones are dead', { b2: down, c3: down }, ['peer_down b2', 'peer_down c3']],
    ['a zone does not answer', all('b1 b2 b3', down), ['zone_unreachable b']],
    ['this zone is cut off: its own peers answer', all('b1 b2 b3 c1 c2 c3', down), ['zone_unreachable b', 'zone_unreachable c']],
    ['nobody answers', all('a2 a3 b1 b2 b3 c1 c2 c3', down), ['self a1 unreachable']],
    ['most do not answer, here and elsewhere', all('a2 a3 b1 b2 b3', down), ['self a1 unreachable']],
    ['what b1 sends arrives here, and nothing comes back', { b1: { ...down, isHeard: true } }, ['one_way_loss b1 out']],
    ['5 % to one peer', { c1: { loss: { sent: 80, lost: 4, lostOut: 4, lostIn: 0 } } }, ['packet_loss c1']],
    ['one stray datagram', { c1: { loss: { sent: 24, lost: 1, lostOut: 1, lostIn: 0 } } }, []],
    ['a tenth of a percent', { c1: { loss: { sent: 2000, lost: 2, lostOut: 1, lostIn: 1 } } }, []],
    ['most of one direction', { c1: { loss: { sent: 80, lost: 60, lostOut: 1, lostIn: 50 } } }, ['one_way_loss c1 in']],
    ['5 % to everyone', all('a2 a3 b1 b2 b3 c1 c2 c3', { loss: { sent: 80, lost: 5, lostOut: 3, lostIn: 2 } }), ['self a1 loss']],
    ['50 ms more to one peer', { c2: { roundTrip: 0.0505 } }, ['slow_peer c2']],
    ['3 ms more is noise', { c2: { roundTrip: 0.0035 } }, []],
    ['a new peer has no usual round trip', { c2: { roundTrip: 0.5, usual: undefined } }, []],
    ['50 ms more to everyone', all('a2 a3 b1 b2 b3 c1 c2 c3', { roundTrip: 0.0505 }), ['self a1 slow']],
    ['a far zone has always been far', { c2: { roundTrip: 0.052, usual: 0.05 } }, []],
    ['large packets are swallowed', { b3: { last: { small: { sent: 20, lost: 1 }, large: { sent: 4, lost: 4 } }, loss: { sent: 80, lost: 2, lostOut: 0, lostIn: 0 } } }, ['large_packets_lost b3']],
    ['of large packets only some are lost', { b3: { last: { small: { sent: 20, lost: 0 }, large: { sent: 4, lost: 3 } } } }, []],
    ['large packets are swallowed to everyone', all('a2 a3 b1 b2 b3 c1 c2 c3', { last: { small: { sent: 20, lost: 0 }, large: { sent: 4, lost: 4 } } }), ['self a1 large_packets']],
  ])('%s', (_, faults, expected) => {
    expect(says(mesh(faults))).toEqual(expected);
  });

  const few = (faults: Record<string, Partial<PeerView>>, witnesses: View['mesh']['witnesses']): View => {
    const peers = nine(faults).filter(({ node }) => ['a2', 'a3', 'b1', 'c1'].includes(node));
    return { ...mesh({}), mesh: { me, peers, witnesses } };
  };

  test('where one peer of a zone is watched, witnesses tell a dead node from a lost zone', () => {
    expect(says(few({ b1: down }, [{ node: 'b2', zone: 'b', isUp: true }, { node: 'b3', zone: 'b', isUp: true }]))).toEqual(['peer_down b1']);
    expect(says(few({ b1: down }, [{ node: 'b2', zone: 'b', isUp: false }, { node: 'b3', zone: 'b', isUp: false }]))).toEqual(['zone_unreachable b']);
    expect(says(few({ b1: down }, []))).toEqual(['peer_down b1']);
  });

  test('with a single peer nobody can say whose fault it is: the peer is named', () => {
    expect(says({ ...mesh({}), mesh: { me, peers: [{ node: 'a2', zone: 'a', ...fine, ...down }], witnesses: [] } })).toEqual(['peer_down a2']);
  });
});

describe('the verdict of DNS', () => {
  const errors: Answer[] = [{ proto: 'udp', result: 'SERVFAIL', seconds: 0.001 }, { proto: 'tcp', result: 'SERVFAIL', seconds: 0.001 }];
  test.each<[string, Record<'kube-dns' | 'dns-1' | 'dns-2', Answer[]>, string[]]>([
    ['all is well', { 'kube-dns': ok(), 'dns-1': ok(), 'dns-2': ok() }, []],
    ['one pod is dead, the Service answers', { 'kube-dns': ok(), 'dns-1': silent, 'dns-2': ok() }, ['dns_server_bad dns-1 silent']],
    ['one pod is dead, and the Service led to it', { 'kube-dns': silent, 'dns-1': silent, 'dns-2': ok() }, ['dns_server_bad dns-1 silent']],
    ['the pods answer, the Service does not', { 'kube-dns': silent, 'dns-1': ok(), 'dns-2': ok() }, ['dns_path_bad kube-dns silent']],
    ['everything is slow', { 'kube-dns': ok(0.8), 'dns-1': ok(0.8), 'dns-2': ok(0.8) }, ['dns_path_bad kube-dns slow']],
    ['everything fails', { 'kube-dns': errors, 'dns-1': errors, 'dns-2': errors }, ['dns_path_bad kube-dns errors']],
    ['one pod is slow', { 'kube-dns': ok(), 'dns-1': ok(0.8), 'dns-2': ok() }, ['dns_server_bad dns-1 slow']],
    ['TCP alone fails on the way through the Service', { 'kube-dns': [ok()[0]!, silent[1]!], 'dns-1': ok(), 'dns-2': ok() }, ['dns_path_bad kube-dns tcp']],
  ])('%s', (_, answers, expected) => {
    expect(says(servers(answers))).toEqual(expected);
  });

  test('one lost query of several is nobody\'s fault', () => {
    expect(says(servers({ 'kube-dns': [...ok(), { proto: 'udp', result: 'TIMEOUT', seconds: undefined }], 'dns-1': ok(), 'dns-2': ok() }))).toEqual([]);
  });

  test('a pod on a node that does not answer is explained by it', () => {
    const view = servers({ 'kube-dns': ok(), 'dns-1': silent, 'dns-2': ok() });
    expect(says({ ...view, mesh: mesh({ b1: down }).mesh })).toEqual(['peer_down b1']);
    expect(says({ ...view, mesh: mesh(all('b1 b2 b3', down)).mesh })).toEqual(['zone_unreachable b']);
  });

  test('who reaches nobody says nothing of servers', () => {
    const view = servers({ 'kube-dns': silent, 'dns-1': silent, 'dns-2': silent });
    expect(says({ ...view, mesh: mesh(all('a2 a3 b1 b2 b3 c1 c2 c3', down)).mesh, services: [{ service: 'kubernetes', isUp: false }] })).toEqual(['self a1 unreachable']);
  });
});

describe('other verdicts', () => {
  test('a clock that is off, either way', () => {
    expect(says({ ...mesh({}), clockOffset: -2 })).toEqual(['clock_off a1']);
    expect(says({ ...mesh({}), clockOffset: 0.4 })).toEqual([]);
  });

  test('a Service that does not answer while peers do; not where its pods may be the reason', () => {
    const services: View['services'] = [{ service: 'own', isUp: false }, { service: 'kubernetes', isUp: false }];
    expect(says({ ...mesh({}), services })).toEqual(['service_path_bad own', 'service_path_bad kubernetes']);
    expect(says({ ...mesh({ b1: down }), services })).toEqual(['peer_down b1', 'service_path_bad kubernetes']);
  });
});

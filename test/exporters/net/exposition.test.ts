/** The exposition of a round that is written down, as a person reads it. Written anew with UPDATE_GOLDEN=1. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measuredFamilies } from '../../../exporters/net/catalogue.ts';
import { recordDns, type DnsServerRound } from '../../../exporters/net/dns/round.ts';
import { History } from '../../../exporters/net/mesh/history.ts';
import type { Probed, RoundReport } from '../../../exporters/net/mesh/mesh.ts';
import { recordMesh } from '../../../exporters/net/mesh/record.ts';
import type { TrainResult } from '../../../exporters/net/mesh/train.ts';
import { Meter } from '../../../exporters/net/meter.ts';
import { recordNtp } from '../../../exporters/net/ntp/round.ts';
import { recordFindings } from '../../../exporters/net/parts.ts';
import { recordServices } from '../../../exporters/net/service.ts';
import { recordTargets } from '../../../exporters/net/targets/round.ts';
import { FakeClock } from '../core/fake-clock.ts';

const golden = join(import.meta.dirname, 'golden', 'exposition.txt');
const me = { node: 'a1', zone: 'a' };
const train: TrainResult = { small: { sent: 20, lost: 1 }, large: { sent: 4, lost: 0 }, roundTrips: Array.from({ length: 19 }, (_, i) => 0.0004 + i * 0.00001), reordered: 1, lostOut: 1, lostIn: 0 };

function probed(node: string, isOnRing: boolean, over: Partial<Probed['round']> = {}): Probed {
  const history = new History({ clock: new FakeClock(), windowMs: 60_000 });
  const round = { isUp: true, isAbsent: false, trains: [train], ...over };
  history.add(round, 0);
  const address = `10.0.0.${node.charCodeAt(0)}`;
  const peer = { node, zone: node[0]!, addresses: [address], port: 8000, udpPort: 8001, isReady: true };
  return { watched: { peer, isOnRing, history, isHeard: false }, round, connects: [{ probe: 'tcp', address, result: round.isUp ? { kind: 'connected', seconds: 0.0015 } : { kind: 'failed', error: 'timeout', detail: '' } }] };
}

const report = (all: readonly Probed[]): RoundReport => ({ me, probed: all, watched: all.map(({ watched }) => watched), known: new Map(all.map(({ watched }) => [watched.peer.zone, 3])), witnesses: [], problem: undefined });
const text = (meter: Meter): string => [...meter.snapshot().chunks('text')].join('');
/** Lines of samples. */
const count = (meter: Meter): number => text(meter).split('\n').filter((line) => line && !line.startsWith('#')).length;

const dns = (name: string, role: 'service' | 'pod', result: 'NOERROR' | 'SERVFAIL' = 'NOERROR'): DnsServerRound => ({
  server: { name, role, address: '10.96.0.10', port: 53 },
  answers: (['udp', 'tcp'] as const).map((proto) => ({ name: 'kubernetes.default.svc.cluster.local.', proto, result, seconds: 0.003, replies: [{ result, seconds: 0.003, addresses: ['10.96.0.1'] }, { result, seconds: 0.004, addresses: [] }] })),
});

describe('the exposition of net-exporter', () => {
  test('is as it was', async () => {
    const meter = new Meter(measuredFamilies);
    const silent = { isUp: false, trains: [{ ...train, small: { sent: 20, lost: 20 }, large: { sent: 4, lost: 4 }, roundTrips: [], lostOut: 0 }] };
    recordMesh(meter, report([probed('a2', true), probed('b1', true, silent), probed('c1', false)]), '10.96.0.7:8000');
    recordServices(meter, [{ service: { service: 'own', address: '10.96.0.7', port: 8000 }, results: [{ kind: 'failed', error: 'refused', detail: '' }, { kind: 'connected', seconds: 0.001 }] }]);
    recordDns(meter, [dns('kube-dns', 'service'), dns('coredns-1', 'pod', 'SERVFAIL')]);
    recordNtp(meter, [{ server: 'ntp-1', result: 'ok', detail: '', roundTrips: [0.02, 0.03], best: { kind: 'time', offset: -0.25, delay: 0.02, stratum: 2, leap: 0 } }, { server: 'ntp-2', result: 'kiss_of_death', detail: 'RATE', roundTrips: [0.01], best: undefined }], 'a1');
    recordTargets(meter, [{ target: { type: 'http', name: 'say "hi"\n', url: 'https://x', statuses: [], insecure: false, timeoutSeconds: 5 }, error: 'protocol', detail: '', seconds: undefined, certificateNotAfter: 1_800_000_000 }]);
    recordFindings(meter, me, [{ verdict: 'peer_down', subject: 'b1', detail: '' }, { verdict: 'dns_server_bad', subject: 'coredns-1', detail: 'errors' }]);
    if (process.env['UPDATE_GOLDEN']) await writeFile(golden, text(meter));
    expect(text(meter)).toBe(await readFile(golden, 'utf8'));
  });

  /** All that a pod can have at the defaults: every probe on, one name, three pods, and a peer that failed in one way each. */
  const atDefaults = (peers: readonly Probed[], zones: number): number => {
    const meter = new Meter(measuredFamilies);
    recordMesh(meter, report(peers), '10.96.0.7:8000');
    recordServices(meter, (['own', 'kubernetes'] as const).map((service) => ({ service: { service, address: '10.96.0.7', port: 8000 }, results: [{ kind: 'connected', seconds: 0.001 }] })));
    recordDns(meter, [dns('kube-dns', 'service'), dns('p1', 'pod'), dns('p2', 'pod'), dns('p3', 'pod')]);
    recordFindings(meter, me, peers.slice(0, zones).map(({ watched }) => ({ verdict: 'packet_loss', subject: watched.peer.node, detail: '' })));
    for (const probe of ['mesh', 'service', 'dns']) for (const family of ['lag', 'duration']) meter.set(`net_exporter_probe_${family}_seconds`, { probe }, 1);
    for (const probe of ['mesh', 'service', 'dns']) meter.set('net_exporter_probe_last_round_timestamp_seconds', { probe }, 1);
    meter.set('net_exporter_large_datagram_bytes', {}, 1472);
    expect(meter.size).toBe(count(meter));
    const ofSources = 2 * 3;
    const ofProcess = 6 + 1;
    return count(meter) + ofSources + ofProcess;
  };

  test('a pod of a large cluster has fewer than 320 series, and so has one of sixteen nodes that watches all others', () => {
    const large = ['a2', 'a3', 'b1', 'c1'].map((node) => probed(node, true));
    const full = ['a2', 'a3', 'b1', 'c1'].map((node) => probed(node, true)).concat(['a4', 'a5', 'a6', 'b2', 'b3', 'b4', 'b5', 'c2', 'c3', 'c4', 'c5'].map((node) => probed(node, false)));
    const counts = { large: atDefaults(large, 2), full: atDefaults(full, 2) };
    console.info(`series of a pod at the defaults in three zones: ${counts.large} on the ring, ${counts.full} with sixteen nodes`);
    expect(counts.large).toBeLessThanOrEqual(320);
    expect(counts.full).toBeLessThanOrEqual(320);
  });
});

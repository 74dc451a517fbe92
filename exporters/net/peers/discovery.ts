/** Who is there: peers and DNS pods from EndpointSlices, or as the configuration names them. */
import type { KubeClient } from '../../../provisioner/kube/client.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { SourceHealth } from '../../core/source-health.ts';
import type { NetSource } from '../catalogue.ts';
import type { Config } from '../config.ts';
import type { Parts } from '../parts.ts';
import { type EndpointSlice, peersFrom } from './endpoint-slices.ts';
import { firstOfEachFamily, type Peer, type Peers } from './peer.ts';
import type { SliceSource } from './slice-source.ts';

export interface DiscoveryOptions {
  readonly config: Config;
  readonly client: () => Promise<KubeClient>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Watch {
  readonly slices: SliceSource;
  readonly health: SourceHealth;
}

export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #parts: Parts;
  readonly #client: KubeClient | undefined;
  readonly #peers: Watch | undefined;
  readonly #dns: Watch | undefined;
  #known: Peers = { self: undefined, others: [] };

  private constructor(options: DiscoveryOptions, parts: Parts, watches: { client?: KubeClient; peers?: Watch | undefined; dns?: Watch | undefined }) {
    this.#options = options;
    this.#parts = parts;
    this.#client = watches.client;
    this.#peers = watches.peers;
    this.#dns = watches.dns;
  }

  /** Watches only what the configuration does not name. The client and all that belongs to it is loaded only then. */
  static async begin(options: DiscoveryOptions, parts: Parts): Promise<Discovery> {
    const { mesh, dns } = options.config;
    const isMeshWatched = mesh.enabled && mesh.peers.length === 0;
    const isDnsWatched = dns.enabled && dns.pods && dns.servers.length === 0 && mesh.peers.length === 0;
    if (!isMeshWatched && !isDnsWatched) return new Discovery(options, parts, {});
    const [client, { SliceSource: Source }] = await Promise.all([options.client(), import('./slice-source.ts')]);
    const watch = (source: NetSource, { namespace, service }: { namespace: string; service: string }): Watch => {
      const health = parts.source(source);
      const onFailed = (err: unknown): void => options.log.warn({ err, source }, 'list or watch failed, going on after a pause');
      return { health, slices: new Source({ client, namespace, service, health, clock: options.clock, onFailed }) };
    };
    return new Discovery(options, parts, { client, peers: isMeshWatched ? watch('peers', mesh) : undefined, dns: isDnsWatched ? watch('dns_endpoints', dns) : undefined });
  }

  /** Watches until the signal; resolves when everything has stopped. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#peers, this.#dns].map((watch) => watch?.slices.run(signal)));
    this.#client?.close();
  }

  /** Everyone who was known when it was last looked. */
  get peers(): Peers {
    return this.#known;
  }

  /** Looks who is there now. An endpoint that is left out is counted at every look. */
  look(): Peers {
    const { node, mesh } = this.#options.config;
    const all = this.#peers ? this.#fromSlices(this.#peers) : named(mesh);
    this.#known = { self: all.find((peer) => peer.node === node.name), others: all.filter((peer) => peer.node !== node.name) };
    return this.#known;
  }

  dnsSlices(): readonly EndpointSlice[] {
    this.#dns?.slices.check();
    return this.#dns?.slices.slices ?? [];
  }

  #fromSlices({ slices, health }: Watch): readonly Peer[] {
    slices.check();
    return peersFrom(slices.slices, { mesh: this.#options.config.mesh, onSkipped: (endpoint, reason) => this.#parts.skipped(health, endpoint, reason) });
  }
}

/** Several entries of one node are its addresses. */
function named(mesh: Config['mesh']): readonly Peer[] {
  const nodes = new Map<string, Config['mesh']['peers'][number][]>();
  for (const peer of mesh.peers) nodes.set(peer.node, [...(nodes.get(peer.node) ?? []), peer]);
  return [...nodes].flatMap(([node, entries]): Peer[] => {
    const [first] = entries;
    const addresses = firstOfEachFamily(entries.map(({ address }) => address), mesh.ipFamilies);
    if (!first || addresses.length === 0) return [];
    return [{ node, zone: first.zone, addresses, port: first.port ?? mesh.port, udpPort: first.udpPort ?? mesh.udpPort, isReady: true }];
  });
}

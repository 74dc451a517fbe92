/** net-exporter as one function: probes, metrics and server joined, running until its signal. */
import { networkInterfaces } from 'node:os';
import { parseAddress } from '../core/address.ts';
import type { Clock, Random } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { landingPage } from '../core/page.ts';
import { ExporterServer, html } from '../core/server.ts';
import type { KubeClient } from '../../provisioner/kube/client.ts';
import type { Config } from './config.ts';
import { dnsRound, recordDns } from './dns/round.ts';
import { dnsServers } from './dns/servers.ts';
import type { Matrix } from './matrix/collect.ts';
import { rowOf, type Row } from './matrix/row.ts';
import { EchoServer } from './mesh/echo-server.ts';
import { Mesh, type MeshOptions } from './mesh/mesh.ts';
import { recordMesh } from './mesh/record.ts';
import { largePayload, readMtu } from './mtu.ts';
import { rowSection } from './page.ts';
import { Parts, recordFindings } from './parts.ts';
import { Discovery } from './peers/discovery.ts';
import { hostPort } from './peers/peer.ts';
import { Names } from './resolve.ts';
import { recordServices, serviceRound, type ServiceAddress } from './service.ts';
import { type LastRounds, viewFrom } from './view.ts';
import type { Finding } from './verdict/finding.ts';
import { judge } from './verdict/verdict.ts';

export interface NetExporterOptions {
  /** Settled: with what the environment says. */
  readonly config: Config;
  /** Where the API server is reached as a Service. */
  readonly apiServer: { readonly address: string; readonly port: number } | undefined;
  readonly version: string;
  /** Makes the client when EndpointSlices are watched. */
  readonly client: () => Promise<KubeClient>;
  readonly readFile: (path: string) => Promise<string>;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  /** Called with the ports once both servers listen. */
  readonly onListening?: (ports: { readonly http: number; readonly udp: number }) => void;
}

type Job = (signal: AbortSignal) => Promise<void>;

/**
 * Resolves after the signal has aborted and everything has stopped.
 * @throws ExporterError when it cannot listen, KubeError when there is no usable identity for the API server
 */
export async function runNetExporter(options: NetExporterOptions, signal: AbortSignal): Promise<void> {
  const { config, log, version } = options;
  const exporter = new NetExporter(options);
  const discovery = await exporter.discover();
  const server = exporter.server();
  const [http, udp] = [await server.start(), await exporter.echo.start()];
  log.info({ address: config.address, port: http, udpPort: udp, node: config.node.name, version }, 'listening');
  options.onListening?.({ http, udp });
  try {
    await Promise.all([discovery, untilStopped, ...exporter.jobs()].map((job) => job(signal)));
  } finally {
    exporter.parts.self.stop();
    await Promise.all([server.stop(), exporter.echo.stop()]);
  }
}

/** An exporter that probes nothing still answers the probes of others. */
const untilStopped: Job = (signal) => new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));

class NetExporter {
  readonly parts: Parts;
  readonly echo: EchoServer;
  readonly #options: NetExporterOptions;
  readonly #mesh: Mesh;
  readonly #names: Names;
  #discovery: Discovery | undefined;
  #collecting: Promise<Matrix> | undefined;
  #last: LastRounds = { mesh: undefined, services: [], dns: [], ntp: [], targets: [] };
  #findings: readonly Finding[] = [];

  constructor(options: NetExporterOptions) {
    const { config, clock, random, log } = options;
    this.#options = options;
    this.parts = new Parts(options);
    const dropped = this.parts.self.counter('net_exporter_echo_dropped_total');
    this.echo = new EchoServer({
      host: parseAddress(config.address).host, port: config.mesh.udpPort, maxPerSecond: config.mesh.echoPerSecond, clock,
      onDropped: (reason) => dropped.inc({ reason }), onError: (err) => log.warn({ err }, 'echo server'),
    });
    this.#names = new Names({ servers: config.dns.address === '' ? [] : [hostPort(config.dns.address, 53)], nowMs: () => clock.monotonicMs(), timeoutMs: 1000 });
    this.#mesh = new Mesh({
      config: config.mesh, intervalMs: config.intervalSeconds * 1000, clock, echo: this.echo, session: Math.floor(random() * 2 ** 32),
      peers: () => this.#discovery?.look(), me: () => this.#me, largeBytes: (address) => this.#largeBytes(address),
      http: config.mesh.http ? askHealth(config.tls !== undefined) : undefined,
    });
  }

  /** Finds out who is there. @returns what to run meanwhile */
  async discover(): Promise<Job> {
    this.#discovery = await Discovery.begin(this.#options, this.parts);
    return (signal) => this.#discovery?.run(signal) ?? Promise.resolve();
  }

  server(): ExporterServer {
    const { config, version, log } = this.#options;
    const { self, health, sources } = this.parts;
    const row = (): Row => rowOf(this.#me, this.#last.mesh, this.#findings);
    return new ExporterServer({
      address: config.address, tls: config.tls, snapshot: () => this.parts.snapshot, self, health,
      page: () => Promise.resolve(landingPage({
        title: 'net-exporter', version, description: 'How well this node reaches others, names, clocks and Services.', sources: sources.map(({ state }) => state),
        content: rowSection({ ...this.#last, row: row(), hasMatrix: config.matrix.enabled }),
      })),
      routes: config.matrix.enabled ? { '/row': () => Promise.resolve({ contentType: 'application/json', body: JSON.stringify(row()) }), '/matrix': (query) => this.#matrix(row(), query) } : {},
      onError: (err) => log.warn({ err }, 'a request was not answered, or the certificate not renewed'),
    });
  }

  /** Asks only pods of the own Service. Two requests at a time share one collection. */
  async #matrix(own: Row, query: URLSearchParams): Promise<{ contentType: string; body: string }> {
    const { config, clock } = this.#options;
    const [{ collect, fetchRow }, { matrixPage }] = await Promise.all([import('./matrix/collect.ts'), import('./matrix/page.ts')]);
    const { maxPeers, concurrency, deadlineSeconds } = config.matrix;
    const sources = (this.#discovery?.peers.others ?? []).map(({ node, zone, addresses: [address = ''], port }) => ({ node, zone, row: (signal: AbortSignal) => fetchRow({ address, port, isTls: config.tls !== undefined }, signal) }));
    this.#collecting ??= collect(own, sources, { maxPeers, concurrency, clock, deadlineMs: deadlineSeconds * 1000 }).finally(() => void (this.#collecting = undefined));
    const matrix = await this.#collecting;
    return query.get('format') === 'json' ? { contentType: 'application/json', body: JSON.stringify(matrix) } : { contentType: html, body: matrixPage(matrix) };
  }

  jobs(): Job[] {
    const { config } = this.#options;
    const intervalMs = config.intervalSeconds * 1000;
    const { mesh, service, dns, ntp, targets } = config;
    return [
      ...(mesh.enabled ? [this.parts.probe('mesh', { intervalMs, nextMs: () => this.#mesh.nextMs, timeoutMs: intervalMs }, (signal) => this.#meshRound(signal))] : []),
      ...(service.enabled ? [this.parts.probe('service', { intervalMs, timeoutMs: intervalMs }, (signal) => this.#serviceRound(signal))] : []),
      ...(dns.enabled ? [this.parts.probe('dns', { intervalMs, timeoutMs: intervalMs }, (signal) => this.#dnsRound(signal))] : []),
      ...(ntp.servers.length > 0 ? [this.#ntpJob()] : []),
      ...(targets.length > 0 ? [this.#targetsJob()] : []),
    ];
  }

  get #me(): { readonly node: string; readonly zone: string } {
    const { name, zone } = this.#options.config.node;
    return { node: name, zone: zone || (this.#discovery?.peers.self?.zone ?? '') };
  }

  #largeBytes(address: string): number {
    const { largeBytes } = this.#options.config.mesh;
    if (largeBytes > 0) return largeBytes;
    const own = this.#discovery?.peers.self?.addresses[0];
    return largePayload(address, own, { addresses: networkInterfaces, mtu: readMtu });
  }

  async #meshRound(signal: AbortSignal): Promise<void> {
    const { meter } = this.parts;
    const report = await this.#mesh.round(signal);
    if (signal.aborted) return;
    const service = this.#last.services.find(({ service: { service } }) => service === 'own')?.service;
    recordMesh(meter, report, service && hostPort(service.address, service.port));
    meter.set('net_exporter_large_datagram_bytes', {}, this.#largeBytes(this.#discovery?.peers.self?.addresses[0] ?? ''));
    this.#conclude({ mesh: report });
  }

  async #serviceRound(signal: AbortSignal): Promise<void> {
    const { config, clock } = this.#options;
    const rounds = await serviceRound(await this.#services(), { timeoutMs: config.service.timeoutSeconds * 1000, clock, signal });
    if (signal.aborted) return;
    recordServices(this.parts.meter, rounds);
    this.#conclude({ services: rounds });
  }

  async #services(): Promise<readonly ServiceAddress[]> {
    const { config: { service, mesh, dns }, apiServer } = this.#options;
    const name = `${mesh.service}.${mesh.namespace}.svc.${dns.clusterDomain}`;
    const isInCluster = mesh.peers.length === 0;
    const [address] = service.address !== '' ? [service.address] : isInCluster ? await this.#names.addresses(name).catch(() => []) : [];
    return [
      ...(address === undefined ? [] : [{ service: 'own' as const, address, port: service.port }]),
      ...(service.apiServer && apiServer ? [{ service: 'kubernetes' as const, ...apiServer }] : []),
    ];
  }

  async #dnsRound(signal: AbortSignal): Promise<void> {
    const { config, clock, random } = this.#options;
    const { service, namespace, clusterDomain, address, nodeLocalAddress } = config.dns;
    // Behind a cache on the node, the Service is found by its name.
    const known = address !== '' ? address : nodeLocalAddress === '' ? undefined : (await this.#names.addresses(`${service}.${namespace}.svc.${clusterDomain}`).catch(() => []))[0];
    const servers = dnsServers({ config: config.dns, serviceAddress: known, slices: this.#discovery?.dnsSlices() ?? [], node: this.#me.node });
    const rounds = await dnsRound({ config: config.dns, servers, clock, random, signal });
    if (signal.aborted) return;
    recordDns(this.parts.meter, rounds);
    this.#conclude({ dns: rounds });
  }

  /** Loaded only where it is used, as all that is off by default. */
  #ntpJob(): Job {
    const { config, clock, random } = this.#options;
    const { intervalSeconds, samples, timeoutSeconds } = config.ntp;
    const intervalMs = intervalSeconds * 1000;
    const loaded = import('./ntp/round.ts').then(({ Ntp, recordNtp }) => ({ ntp: new Ntp({ config: config.ntp, clock, resolve: (name) => this.#names.addresses(name), random }), recordNtp }));
    return this.parts.probe('ntp', { intervalMs, timeoutMs: Math.max(intervalMs, samples * timeoutSeconds * 2000) }, async (signal) => {
      const { ntp, recordNtp } = await loaded;
      const rounds = await ntp.round(signal);
      if (signal.aborted) return;
      recordNtp(this.parts.meter, rounds, this.#me.node);
      // Servers that rest keep what they said last.
      const asked = new Set(rounds.map(({ server }) => server));
      this.#conclude({ ntp: [...rounds, ...this.#last.ntp.filter(({ server }) => !asked.has(server))] });
    });
  }

  #targetsJob(): Job {
    const { config, clock, random, readFile } = this.#options;
    const intervalMs = config.intervalSeconds * 1000;
    const longestMs = Math.max(...config.targets.map(({ timeoutSeconds }) => timeoutSeconds * 1000));
    const loaded = import('./targets/round.ts');
    return this.parts.probe('targets', { intervalMs, timeoutMs: longestMs + intervalMs }, async (signal) => {
      const { targetsRound, recordTargets } = await loaded;
      const rounds = await targetsRound({ targets: config.targets, resolve: (name) => this.#names.addresses(name), readFile, clock, random }, signal);
      if (signal.aborted) return;
      recordTargets(this.parts.meter, rounds);
      this.#last = { ...this.#last, targets: rounds };
    });
  }

  /** Takes in what a round found and says what all last rounds together mean. */
  #conclude(rounds: Partial<LastRounds>): void {
    const { config, log } = this.#options;
    this.#last = { ...this.#last, ...rounds };
    const { thresholds, dns: { slowSeconds }, ntp: { maxOffsetSeconds } } = config;
    const before = new Set(this.#findings.map(nameOf));
    this.#findings = judge(viewFrom(this.#last, this.#me), { thresholds, slowSeconds, maxOffsetSeconds });
    recordFindings(this.parts.meter, this.#me, this.#findings);
    const now = new Set(this.#findings.map(nameOf));
    for (const finding of this.#findings) if (!before.has(nameOf(finding))) log.warn({ ...finding }, 'verdict holds');
    for (const name of before) if (!now.has(name)) log.info({ verdict: name }, 'verdict holds no more');
  }
}

/** Peers are served as this one is. Whom their certificate is for does not matter here. */
function askHealth(isTls: boolean): MeshOptions['http'] {
  const loaded = import('./targets/http.ts');
  return async (peer, address, options) => {
    const { get } = await loaded;
    const url = new URL(`http${isTls ? 's' : ''}://${hostPort(address, peer.port)}/healthz`);
    const { error, detail, seconds } = await get({ ...options, url, address, isInsecure: true, isExpected: (status) => status === 200 });
    return error === undefined && seconds !== undefined ? { kind: 'connected', seconds } : { kind: 'failed', error: error ?? 'other', detail };
  };
}

const nameOf = ({ verdict, subject, detail }: Finding): string => `${verdict} ${subject} ${detail}`.trim();

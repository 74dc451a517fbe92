/**
 * The two seams between the cloud's API and the machine it runs on. This room knows nothing of Linux: `sandbox/network`
 * implements Fabric, `sandbox/machines` implements Hypervisor, `no-op.ts` implements both for tests of the API alone.
 */

/** Everything Neutron and Octavia make real. Every call is idempotent; ids are OpenStack ids. */
export interface Fabric {
  ensureNetwork(n: { id: string; external: boolean; mtu: number }): Promise<void>;
  removeNetwork(id: string): Promise<void>;
  /** The router as it should be now: gateway address on the external network, one interface per subnet, floating IPs, routes. */
  ensureRouter(r: {
    id: string;
    gateway?: { networkId: string; address: string; prefixLength: number; nexthop: string; snat: boolean };
    interfaces: readonly { portId: string; networkId: string; address: string; prefixLength: number; mac: string }[];
    floatingIps: readonly { floating: string; fixed: string }[];
    routes: readonly { destination: string; nexthop: string }[];
  }): Promise<void>;
  removeRouter(id: string): Promise<void>;
  /** A load balancer as it should be now. Member health is reported through onHealth. */
  ensureLoadBalancer(lb: {
    id: string;
    vip: { portId: string; networkId: string; address: string; prefixLength: number; gateway?: string; mac: string };
    listeners: readonly {
      id: string; protocol: 'TCP' | 'UDP'; port: number; allowedCidrs: readonly string[];
      members: readonly { id: string; address: string; port: number }[];
      monitor?: { type: 'TCP' | 'HTTP' | 'HTTPS' | 'UDP-CONNECT'; delayMs: number; timeoutMs: number; maxRetries: number; path?: string };
    }[];
  }): Promise<void>;
  removeLoadBalancer(id: string): Promise<void>;
  onHealth(listener: (memberId: string, state: 'ONLINE' | 'ERROR') => void): void;
  stop(): Promise<void>;
}

/** What Nova runs servers on. */
export interface Hypervisor {
  /** Resolves when the server's init runs; rejects when it cannot (the server then goes to ERROR with the message as fault). */
  boot(server: {
    id: string; name: string; hostname: string; zone: string;
    flavor: { name: string; vcpus: number; ramMb: number; diskGb: number };
    image: { id: string; name: string };
    /** Attached before it boots. The root volume is what its own disk is kept on. */
    volumes?: readonly { id: string; device: string; isRoot: boolean }[];
    userData: string;
    /** It finds a disk with what it is told. */
    configDrive?: boolean;
    ports: readonly { id: string; networkId: string; mac: string; address: string; prefixLength: number; gateway?: string; dnsServers: readonly string[]; mtu: number; hostRoutes: readonly { destination: string; nexthop: string }[] }[];
  }): Promise<void>;
  /**
   * After the cloud started again: a server of its earlier life. One that still runs is left alone; another is started from its disk, or only
   * known again where `power` is off. Rejects when its disk is gone (an active server then goes to ERROR with the message as fault).
   */
  revive(server: Parameters<Hypervisor['boot']>[0], power: 'on' | 'off'): Promise<void>;
  reboot(id: string, kind: 'SOFT' | 'HARD'): Promise<void>;
  stopServer(id: string): Promise<void>;
  startServer(id: string): Promise<void>;
  destroy(id: string): Promise<void>;
  /** The server sees the volume, whether it runs or boots later. */
  attachVolume(id: string, volume: { id: string; device: string }): Promise<void>;
  /** The server no longer sees it; fine when server or volume are gone already. */
  detachVolume(id: string, volumeId: string): Promise<void>;
  consoleLog(id: string, lines?: number): Promise<string>;
  /** A server whose init ended by itself. */
  onExit(listener: (id: string) => void): void;
}

/** What Cinder keeps the content of volumes on. Every call is idempotent; ids are OpenStack ids, of volumes and of snapshots. */
export interface Storage {
  /** An empty volume, or one with the content that another volume or a snapshot has now. */
  create(volume: { id: string; sizeGb: number; from?: { kind: 'volume' | 'snapshot'; id: string } }): Promise<void>;
  extend(id: string, sizeGb: number): Promise<void>;
  /** Keeps the content that the volume has now. */
  snapshot(snapshot: { id: string; volumeId: string }): Promise<void>;
  /** Removes a volume's or a snapshot's content; fine when it is gone already. */
  remove(kind: 'volume' | 'snapshot', id: string): Promise<void>;
}

/** A router as Fabric wants it described. */
export type WantedRouter = Parameters<Fabric['ensureRouter']>[0];
/** A load balancer as Fabric wants it described. */
export type WantedLoadBalancer = Parameters<Fabric['ensureLoadBalancer']>[0];
/** A server as Hypervisor wants it described. `userData` is the decoded text of Nova's base64 field. */
export type WantedServer = Parameters<Hypervisor['boot']>[0];

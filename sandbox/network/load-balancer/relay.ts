/** All listeners of one load balancer, kept equal to the last configuration without touching connections that stand. */
import { HealthMonitor } from './monitor.ts';
import type { Configuration, Health, Listener } from './protocol.ts';
import { TcpListener } from './tcp-listener.ts';
import { UdpListener } from './udp-listener.ts';

interface Running { readonly key: string; readonly door: TcpListener | UdpListener; readonly monitor: HealthMonitor }

export class Relay {
  readonly #running = new Map<string, Running>();
  readonly #onHealth: (memberId: string, state: Health) => void;

  constructor(onHealth: (memberId: string, state: Health) => void) {
    this.#onHealth = onHealth;
  }

  /** Makes it so. @returns the listeners that could not be opened, with the system's reason */
  async apply(configuration: Configuration): Promise<{ listener: string; reason: string }[]> {
    const wanted = new Map(configuration.listeners.map((listener) => [listener.id, listener]));
    for (const [id, running] of this.#running) {
      const listener = wanted.get(id);
      if (!listener || doorKey(listener) !== running.key) this.#close(id, running);
    }
    const failures: { listener: string; reason: string }[] = [];
    for (const listener of wanted.values()) {
      const running = this.#running.get(listener.id);
      if (running) {
        running.monitor.update(listener.members, listener.monitor);
        running.door.update(listener);
        continue;
      }
      const reason = await this.#open(listener);
      if (reason !== undefined) failures.push({ listener: listener.id, reason });
    }
    return failures;
  }

  async #open(listener: Listener): Promise<string | undefined> {
    const monitor = new HealthMonitor(this.#onHealth);
    const isOnline = (memberId: string): boolean => monitor.isOnline(memberId);
    const door = listener.protocol === 'TCP' ? new TcpListener(listener, isOnline) : new UdpListener(listener, isOnline);
    try {
      await door.start();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    monitor.update(listener.members, listener.monitor);
    this.#running.set(listener.id, { key: doorKey(listener), door, monitor });
    return undefined;
  }

  #close(id: string, running: Running): void {
    running.monitor.stop();
    running.door.stop();
    this.#running.delete(id);
  }
}

function doorKey({ protocol, address, port }: Listener): string {
  return `${protocol} ${address}:${port}`;
}

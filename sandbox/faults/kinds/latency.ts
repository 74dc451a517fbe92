/**
 * Every packet of a server later by a time. netem would do it, but few kernels of small machines have it, so a program of ours delays
 * frames between two TAP devices: the server's device is taken off the bridge of its network and joined to one of its own, and the
 * program (`sandbox/tools/packet-delay`) is the only way between the two bridges.
 */
import type { Ground, Server } from '../ground.ts';
import type { Planner } from '../plan.ts';
import { serverNamed } from '../targets.ts';

type Port = Pick<Server['ports'][number], 'tap' | 'bridge'>;

export const latency: Planner<'latency'> = ({ target, ms, jitterMs }, _id, { ground }) => {
  const server = serverNamed(target, ground);
  const lines = new Map<string, DelayLine>();
  const apply = async (): Promise<void> => {
    for (const port of server.ports) {
      const line = lines.get(port.tap) ?? new DelayLine(ground, port);
      lines.set(port.tap, line);
      await line.open(ms, jitterMs);
    }
  };
  return {
    summary: `packets of ${server.name} take ${ms} ms${jitterMs > 0 ? ` to ${ms + jitterMs} ms` : ''} longer, each way`,
    servers: [server.id],
    apply,
    observe: () => Promise.resolve(`round trips take ${2 * ms} ms${jitterMs > 0 ? ` to ${2 * (ms + jitterMs)} ms` : ''} longer`),
    undo: async () => {
      for (const line of lines.values()) await line.close();
      return undefined;
    },
    // The rebooted server's device is a new one, on its old bridge.
    reapply: async () => {
      for (const line of lines.values()) await line.close();
      await apply();
    },
  };
};

/** The detour of one port. */
export class DelayLine {
  readonly #ground: Pick<Ground, 'run' | 'start'>;
  readonly #port: Port;
  #program: { stop(): Promise<void> } | undefined;

  constructor(ground: Pick<Ground, 'run' | 'start'>, port: Port) {
    this.#ground = ground;
    this.#port = port;
  }

  /** The devices get the bridge's MTU, so that everything that fitted before still does. */
  async open(ms: number, jitterMs: number): Promise<void> {
    const { tap, bridge } = this.#port;
    const [row] = JSON.parse(await this.#ground.run('ip', ['-j', 'link', 'show', 'dev', bridge])) as { mtu?: number }[];
    const mtu = row?.mtu ?? 1500;
    const { near, far, detour } = namesFor(tap);
    await this.#ip([
      `link add name ${detour} mtu ${mtu} type bridge forward_delay 0 stp_state 0 mcast_snooping 0`,
      `tuntap add dev ${near} mode tap`, `tuntap add dev ${far} mode tap`,
      `link set dev ${near} mtu ${mtu} master ${detour} up`, `link set dev ${far} mtu ${mtu} master ${bridge} up`,
    ]);
    this.#program = await this.#ground.start('packet-delay', [near, far, String(ms), String(jitterMs)]);
    await this.#ip([`link set dev ${detour} up`, `link set dev ${tap} master ${detour}`]);
  }

  /** The device is back on its bridge before its detour goes. What is gone already is as good. */
  async close(): Promise<void> {
    const { tap, bridge } = this.#port;
    const { near, far, detour } = namesFor(tap);
    await this.#ground.run('ip', ['-force', '-batch', '-'], `link set dev ${tap} master ${bridge}\n`).catch(() => undefined);
    await this.#program?.stop();
    this.#program = undefined;
    for (const device of [near, far, detour]) await this.#ground.run('ip', ['link', 'del', 'dev', device]).catch(() => undefined);
  }

  async #ip(lines: readonly string[]): Promise<void> {
    await this.#ground.run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
  }
}

/** Names of at most 15 characters, from the port's own (`tap` and eleven hex digits). */
function namesFor(tap: string): { near: string; far: string; detour: string } {
  const digits = tap.replace(/^tap/, '');
  return { near: `dn${digits}`, far: `df${digits}`, detour: `db${digits}` };
}

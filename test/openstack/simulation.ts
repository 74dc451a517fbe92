/** The simulated cloud as a target: in this process, on free ports, with nothing behind it. */
import { setImmediate as turn } from 'node:timers/promises';
import { stringify } from 'yaml';
import { createCloud, noOpFabric, noOpHypervisor, type Clock, type Cloud } from '../../sandbox/openstack/index.ts';
import { Target } from './target.ts';

export interface Simulation {
  readonly target: Target;
  readonly cloud: Cloud;
  stop(): Promise<void>;
}

/** @param byPassword the member logs in with a password, as the member of the cloud it is compared with */
export async function startSimulation({ byPassword = false } = {}): Promise<Simulation> {
  const clock = new PatientClock();
  const report = (context: object, message: string): void => {
    console.error(message, JSON.stringify(context));
  };
  const cloud = createCloud({
    fabric: noOpFabric(), hypervisor: noOpHypervisor(), clock, log: { info: () => undefined, warn: report, error: report },
    listen: { host: '127.0.0.1', ports: { identity: 0, compute: 0, network: 0, image: 0, 'load-balancer': 0, volumev3: 0 } },
  });
  await cloud.start();
  const target = new Target({ name: 'simulation', cloudsYaml: stringify(cloud.clouds()), member: byPassword ? 'keelson-password' : 'keelson', owner: 'keelson-password', admin: 'admin', pause: () => clock.pass() });
  return {
    target, cloud,
    stop: async () => {
      await target.close();
      await cloud.stop();
    },
  };
}

/** Nothing in the cloud goes on until the client waits for it: a load balancer is pending exactly as long as a case wants it to be. */
class PatientClock implements Clock {
  #waiting: (() => void)[] = [];

  now(): number {
    return Date.now();
  }

  sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      signal?.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
    });
  }

  /** All who wait go on. */
  async pass(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
    await turn();
  }
}

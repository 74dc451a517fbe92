/** The simulated cloud as a target: in this process, on free ports, with nothing behind it. */
import { stringify } from 'yaml';
import { createCloud, noOpFabric, noOpHypervisor, type Cloud } from '../../sandbox/openstack/index.ts';
import { Target } from './target.ts';

export interface Simulation {
  readonly target: Target;
  readonly cloud: Cloud;
  stop(): Promise<void>;
}

/** Long enough that a call right after another one meets a pending load balancer, short enough to run all cases in seconds. */
const delays = { scheduleMs: 50, loadBalancerMs: 60 };

export async function startSimulation(): Promise<Simulation> {
  const report = (context: object, message: string): void => {
    console.error(message, JSON.stringify(context));
  };
  const cloud = createCloud({
    fabric: noOpFabric(), hypervisor: noOpHypervisor(), delays, log: { info: () => undefined, warn: report, error: report },
    listen: { host: '127.0.0.1', ports: { identity: 0, compute: 0, network: 0, image: 0, 'load-balancer': 0 } },
  });
  await cloud.start();
  const target = new Target({ name: 'simulation', cloudsYaml: stringify(cloud.clouds()), member: 'keelson', owner: 'keelson-password', admin: 'admin', pollMs: 10 });
  return {
    target, cloud,
    stop: async () => {
      await target.close();
      await cloud.stop();
    },
  };
}

/** What the tests of this folder have around them: a management plane with its operator, and a simulated cloud. Each Cluster in it has a network of its own. */
import { afterAll, beforeAll } from '@jest/globals';
import { recorded, start, type Running } from '../../../sandbox/openstack/fixture.ts';
import { answersWith } from '../../../../sandbox/openstack/index.ts';
import { Life, simulated } from '../life.ts';
import { ClusterUnderTest } from './cluster-under-test.ts';

export const minutes = 60_000;

/** Long enough for several rounds of whoever would have acted. */
export const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 6_000));

/** What Cluster API says of an extension that does not answer. */
export const cannotAsk = /failed to call|failed to create|connection refused|http call failed/;

export interface Surroundings {
  readonly life: Life;
  readonly cloud: Running;
  cluster(name: string): ClusterUnderTest;
}

/** Starts before the tests of a suite and ends after them. @returns what is there once the tests run */
export function surroundings(): () => Surroundings {
  let cloud: Running;
  let life: Life;
  beforeAll(async () => {
    cloud = await start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1 } });
    life = await Life.start(simulated(cloud));
    await life.putSecret();
  }, 5 * minutes);
  afterAll(async () => {
    await life?.stop();
    await cloud?.stop();
  }, 3 * minutes);
  return () => ({ life, cloud, cluster: (name) => new ClusterUnderTest(life, name) });
}

/** What the project has, by id; what changes by itself (a status) is not in it. */
export function cloudIds({ cloud }: Running): string[] {
  const { neutron, nova, octavia, cinder } = cloud.state;
  const servers = Object.fromEntries(Object.entries(nova.servers).filter(([, { vmState }]) => vmState !== 'deleted'));
  return [neutron.networks, neutron.ports, neutron.floatingIps, neutron.securityGroups, servers, nova.serverGroups, octavia.loadBalancers, cinder.volumes].flatMap((table) => Object.keys(table)).sort();
}

/** Every call is answered with 503 from now on, until the faults are healed. Resolves when those under way before have ended. */
export async function takeAway({ cloud }: Running): Promise<void> {
  cloud.faults.add({ effect: answersWith(503) });
  await new Promise((resolve) => setTimeout(resolve, 500));
}

/** What the operator says of a cloud that was taken away. */
export const isUnreachable = /^CloudUnreachable: .*503/;

/** Whether the cloud has the network of a Cluster. */
export const hasNetwork = ({ cloud }: Running, name: string): boolean => Object.values(cloud.state.neutron.networks).some((network) => network.name.endsWith(`org-demo-${name}`));

/** Names of the servers that run. */
export const serversThere = ({ cloud }: Running): string[] => Object.values(cloud.state.nova.servers).filter(({ vmState }) => vmState === 'active').map(({ name }) => name);

/** `npm run bench -- topology birth`: what of the way to InfrastructureReady is ours, and what a cluster asks its cloud for when nothing happens. The real Cluster API and CAPO before the simulated cloud. */
import { setTimeout as sleep } from 'node:timers/promises';
import { resources } from '../../provisioner/kube/index.ts';
import { plausibleDelays } from '../../sandbox/openstack/core.ts';
import { Life, simulated } from '../provisioner/topology/life.ts';
import { until } from '../provisioner/topology/management-plane.ts';
import { recorded, start } from '../sandbox/openstack/fixture.ts';
import type { Figure } from './figures.ts';

/** CAPO looks at everything again every ten minutes; its rhythm and the operator's are in this window. */
const windowMs = 660_000;

export async function birthFigures(): Promise<Figure[]> {
  const cloud = await start(recorded(), { delays: plausibleDelays });
  const life = await Life.start(simulated(cloud));
  try {
    await life.putSecret();
    const answersBefore = await answeringSeconds(life);
    const began = performance.now();
    const seconds = (): number => (performance.now() - began) / 1000;
    await life.plane.client.create(resources.clusters, life.cluster());
    await until('the OpenStackCluster', async () => ((await life.list(resources.openStackClusters)).length > 0 ? true : undefined));
    const letGo = seconds();
    await life.whenTrue('InfrastructureReady');
    const ready = seconds();
    const answers = (await answeringSeconds(life)) - answersBefore;
    await life.whenTrue('TopologyReconciled');
    await sleep(30_000);
    cloud.cloud.resetCalls();
    await sleep(windowMs);
    return [
      { what: 'from the Cluster to InfrastructureReady, simulated cloud', measured: ready, unit: 's', note: 'a load balancer takes 0.4 s here; minutes with amphora' },
      { what: 'of it until Cluster API was let begin: its own first round, the check of the cloud and the hook that waits for it', measured: (100 * letGo) / ready, unit: '%', goal: 2, note: `${letGo.toFixed(1)} s; the goal is for clouds whose load balancers take minutes, ${(letGo / 0.02 / 60).toFixed(1)} of them` },
      { what: 'of it answers of the extension', measured: answers > 0 ? (100 * answers) / ready : undefined, unit: '%', goal: 2, note: `${(1000 * answers).toFixed(0)} ms for all hooks, GeneratePatches and ValidateTopology included` },
      ...steadyCalls(cloud.cloud.calls()),
    ];
  } finally {
    await life.stop();
    await cloud.stop();
  }
}

function steadyCalls(calls: readonly { readonly userAgent: string; readonly method: string; readonly count: number }[]): Figure[] {
  const clients = [...new Set(calls.map(({ userAgent }) => userAgent))].sort();
  const count = (list: readonly { readonly count: number }[]): number => list.reduce((sum, one) => sum + one.count, 0);
  const all: Figure = { what: 'OpenStack calls of one cluster in steady state', measured: count(calls) / (windowMs / 3_600_000), unit: 'calls/h', note: `${count(calls)} in eleven minutes, of ${clients.join(', ') || 'nobody'}` };
  return [all, ...clients.map((client) => {
    const own = calls.filter(({ userAgent }) => userAgent === client);
    return { what: `OpenStack calls of one cluster in steady state, by ${client}`, measured: count(own) / (windowMs / 3_600_000), unit: 'calls/h', note: `${count(own.filter(({ method }) => method !== 'GET'))} of ${count(own)} in eleven minutes were no reads` };
  })];
}

/** Seconds that the extension has spent on answers since it started. */
async function answeringSeconds({ plane }: Life): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${plane.extension.ports.metrics}/metrics`)).text();
  return [...text.matchAll(/^keelson_topology_hook_duration_seconds_sum\{[^}]*\} (\S+)$/gm)].reduce((sum, [, value]) => sum + Number(value), 0);
}

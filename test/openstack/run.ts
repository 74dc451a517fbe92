/** Runs the cases on a target, one after the other, and says what is left behind. */
import type { Case } from './case.ts';
import type { Observation } from './observation.ts';
import { Recorder } from './recorder.ts';
import { openStage } from './stage.ts';
import { records, type Target } from './target.ts';

export interface Run {
  readonly observations: readonly Observation[];
  /** Cases that could not be run to their end, and why. */
  readonly broken: readonly { name: string; why: string }[];
  readonly skipped: readonly { name: string; why: string }[];
  /** Things of this run that are still there. */
  readonly leftovers: readonly string[];
}

export async function runCases(target: Target, cases: readonly Case[], progress: (line: string) => void): Promise<Run> {
  const observations: Observation[] = [];
  const broken: { name: string; why: string }[] = [];
  const skipped: { name: string; why: string }[] = [];
  const stuck: string[] = [];
  await target.open();
  const stage = await openStage(target);
  try {
    for (const one of cases) {
      const missing = (one.needs ?? []).filter((need) => !target.has(need));
      if (missing.length > 0) {
        skipped.push({ name: one.name, why: `${target.name} has no ${missing.join(' and no ')}` });
        continue;
      }
      const started = Date.now();
      const recorder = new Recorder(target, one.name);
      try {
        await one.run(recorder, stage);
        observations.push(recorder.observation());
      } catch (error) {
        broken.push({ name: one.name, why: error instanceof Error ? error.message : String(error) });
      }
      stuck.push(...await recorder.cleanUp());
      progress(`${target.name}: ${one.name}: ${recorder.observation().steps.length} steps in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    }
  } finally {
    stuck.push(...await stage.remove());
  }
  return { observations, broken, skipped, leftovers: [...stuck, ...await leftoversOf(target)] };
}

const lists: readonly (readonly [service: 'network' | 'compute' | 'load-balancer' | 'volumev3', path: string, key: string])[] = [
  ['network', '/v2.0/networks', 'networks'], ['network', '/v2.0/subnets', 'subnets'], ['network', '/v2.0/ports', 'ports'], ['network', '/v2.0/routers', 'routers'],
  ['network', '/v2.0/floatingips', 'floatingips'], ['network', '/v2.0/security-groups', 'security_groups'], ['compute', '/servers/detail', 'servers'],
  ['compute', '/os-server-groups', 'server_groups'], ['compute', '/os-keypairs', 'keypairs'], ['load-balancer', '/v2.0/lbaas/loadbalancers', 'loadbalancers'],
  ['load-balancer', '/v2.0/lbaas/pools', 'pools'],
];
const volumeLists: typeof lists = [['volumev3', '/volumes', 'volumes'], ['volumev3', '/snapshots', 'snapshots']];

async function leftoversOf(target: Target): Promise<string[]> {
  const left: string[] = [];
  for (const [service, path, key] of [...lists, ...(target.has('volumes') ? volumeLists : [])]) {
    const found = records(await target.session('member').call(service, 'GET', path), key);
    for (const one of found) if (JSON.stringify(one).includes(target.prefix)) left.push(`${key} ${String(one['id'] ?? '')} ${String(one['name'] ?? one['description'] ?? '')}`);
  }
  return left;
}

/** Run in a process of its own, so that its memory is its own: prints one JSON line of measurements. */
import type { Flow } from '../../policies/network/model.ts';
import { reachability } from '../../policies/network/reachability/index.ts';
import { createSimulator } from '../../policies/network/simulator/index.ts';
import { largeWorld } from './network-world.ts';

const { world, policies } = largeWorld();
const base = process.memoryUsage().rss;
let began = performance.now();
const cpuBefore = process.cpuUsage();
const matrix = reachability(world, policies);
let open = 0;
for (let from = 0; from < matrix.groups.length; from++) {
  for (let to = 0; to < matrix.groups.length; to++) if (matrix.open(from, to).length > 0) open++;
}
const matrixSeconds = (performance.now() - began) / 1000;
const cpu = process.cpuUsage(cpuBefore);
const cpuSeconds = (cpu.user + cpu.system) / 1e6;
const peakMb = process.resourceUsage().maxRSS / 1000;

began = performance.now();
const simulator = createSimulator(world, policies);
const readMs = performance.now() - began;
const flows = Array.from({ length: 3000 }, (_, i): Flow => {
  const end = (n: number) => {
    const pod = world.pods[(n * 7919) % world.pods.length];
    return { kind: 'pod', namespace: pod?.namespace ?? '', name: pod?.name ?? '' } as const;
  };
  return { from: end(i), to: end(i * 31 + 1), protocol: 'TCP', port: 8000 + (i % 10) };
});
const took = flows.map((flow) => {
  const start = performance.now();
  simulator.decide(flow);
  return performance.now() - start;
});
const warm = took.slice(1000).sort((a, b) => a - b);
console.log(
  JSON.stringify({
    policies: policies.length, pods: world.pods.length, groups: matrix.groups.length, openPairs: open, problems: matrix.problems.length,
    matrixSeconds, cpuSeconds, peakMb, baseMb: base / 1e6, readMs, firstMs: took[0], warmP99Ms: warm[Math.floor(warm.length * 0.99)], warmMaxMs: warm.at(-1),
  }),
);

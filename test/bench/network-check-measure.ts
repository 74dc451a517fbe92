/** Run in a process of its own: prints one JSON line of measurements of the full check. */
import { check } from '../../policies/network/check/check.ts';
import { bundle } from './network-bundle.ts';

const { catalogue, manifests } = bundle();
const took: number[] = [];
const processor: number[] = [];
let result = check([], { catalogue });
for (let i = 0; i < 20; i++) {
  const start = performance.now();
  const used = process.cpuUsage();
  result = check(manifests, { catalogue });
  took.push(performance.now() - start);
  const { user, system } = process.cpuUsage(used);
  processor.push((user + system) / 1000);
}
const median = (list: readonly number[]): number | undefined => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
console.log(JSON.stringify({
  firstMs: took[0], warmMedianMs: median(took.slice(5)), firstProcessorMs: processor[0], warmProcessorMs: median(processor.slice(5)), findings: result.findings.length, rules: [...new Set(result.findings.map(({ rule }) => rule))], policies: result.policies, pods: result.pods,
  components: catalogue.contracts.filter(({ pods }) => !pods.hostNetwork).length, namespaces: catalogue.managedNamespaces.length,
}));

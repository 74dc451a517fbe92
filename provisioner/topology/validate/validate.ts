/** ValidateTopology: what no schema can say about a cluster as a whole. Pure; old values are not in the request. */
import type { Outcome, TopologyRequest } from '../extension/hooks.ts';
import { failure, success } from '../extension/hooks.ts';
import type { ClassVersion } from '../class/versions.ts';
import { inputsOf } from '../patches/inputs.ts';
import { clusterChecks } from './cluster-checks.ts';
import type { Check } from './finding.ts';
import { machineChecks } from './machine-checks.ts';

const checks: readonly Check[] = [...clusterChecks, ...machineChecks];

/** All findings of the cluster-wide inputs and of each item, once each. @throws ApiError VARIABLE_INVALID */
export function validateTopology(request: TopologyRequest, { variables }: Pick<ClassVersion, 'variables'>): Outcome {
  const read = inputsOf(request, variables);
  const inputs = [read(), ...request.items.map((item) => read(item))];
  const findings = new Set(inputs.flatMap((input) => checks.flatMap((check) => check(input).map(({ path, message, fix }) => `${path}: ${message}; ${fix}`))));
  return findings.size ? failure([...findings].join('. ')) : success;
}

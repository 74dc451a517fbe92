/** The Cluster of the documentation, changed as a test wants it, and what is found about it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { load } from 'js-yaml';
import type { Finding } from '../../../policies/findings/finding.ts';
import { ownershipTag } from '../../../provisioner/api/names.ts';
import type { PreflightCluster } from '../../../provisioner/preflight/cluster.ts';
import type { PreflightOutcome } from '../../../provisioner/preflight/preflight.ts';

const uid = '7a0c1c3e-0b52-4a8e-9b9a-1f9a3d4a5b6c';
/** What the Cluster's resources in the cloud carry. */
export const tag = ownershipTag(uid);

/** examples/cluster.yaml, with variables replaced field by field. */
export function example(variables: Record<string, object> = {}, change: (cluster: Mutable) => void = () => undefined): PreflightCluster {
  const cluster = load(readFileSync(join(import.meta.dirname, '../../../examples/cluster.yaml'), 'utf8')) as Mutable;
  cluster.metadata.uid = uid;
  for (const [name, value] of Object.entries(variables)) {
    const before = cluster.spec.topology.variables.find((one) => one.name === name)?.value ?? {};
    cluster.spec.topology.variables = [...cluster.spec.topology.variables.filter((one) => one.name !== name), { name, value: { ...before, ...value } }];
  }
  change(cluster);
  return cluster as unknown as PreflightCluster;
}
export interface Mutable {
  metadata: { name: string; uid?: string };
  spec: { clusterNetwork: { pods: { cidrBlocks: string[] } }; topology: { version: string; workers: { machineDeployments: Record<string, unknown>[] }; variables: { name: string; value: object }[] } };
}

export type Found = Pick<Finding, 'rule' | 'path' | 'message'>;

/** Of a cloud that answered. */
export function found(outcome: PreflightOutcome): readonly Found[] {
  expect(outcome.kind).toBe('checked');
  return outcome.findings.map(({ rule, path, message }) => ({ rule, path, message }));
}

/** What is expected where one thing is wrong. */
export const one = (rule: string, path: string, message: RegExp) => [{ rule, path, message: expect.stringMatching(message) }];

export const variable = (path: string): string => `spec.topology.variables.${path}`;

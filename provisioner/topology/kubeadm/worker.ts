/** The KubeadmConfigSpec of a worker group. */
import type { Inputs } from '../patches/inputs.ts';
import { nodeRegistration, nodeSetup, patches, type NodeWishes } from './node.ts';

export function workerConfig(inputs: Inputs): Readonly<Record<string, unknown>> {
  const { worker } = inputs.variables;
  const wishes: NodeWishes = { disks: { volumes: worker.volumes ?? [] }, labels: worker.labels ?? [], ...(worker.taints ? { taints: worker.taints } : {}) };
  return { joinConfiguration: { nodeRegistration: nodeRegistration(wishes), patches }, ...nodeSetup(inputs, wishes) };
}

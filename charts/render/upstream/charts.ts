/**
 * Charts of others that ship beside ours: taken as they are from pinned Go modules, so that nothing is copied into the tree
 * and every byte is held to the checksum database.
 */
import { join } from 'node:path';
import { moduleFolder } from './modules.ts';
import { versions, type ModulePath } from './versions.ts';

export interface UpstreamChart {
  readonly module: ModulePath;
  /** Folder of the chart in the module. */
  readonly folder: string;
  /** As its Chart.yaml says; a test compares them. */
  readonly version: string;
}

export const upstreamCharts = {
  cilium: { module: 'github.com/cilium/cilium', folder: 'install/kubernetes/cilium', version: versions['github.com/cilium/cilium'].slice(1) },
  'openstack-cinder-csi': { module: 'k8s.io/cloud-provider-openstack', folder: 'charts/cinder-csi-plugin', version: '2.36.0' },
} as const satisfies Readonly<Record<string, UpstreamChart>>;

export type UpstreamChartName = keyof typeof upstreamCharts;

/** Its folder in the module cache, read-only. @throws Error naming the module when it cannot be had */
export async function upstreamChartFolder(name: UpstreamChartName, env: NodeJS.ProcessEnv): Promise<string> {
  const { module, folder } = upstreamCharts[name];
  return join(await moduleFolder(module, env), folder);
}

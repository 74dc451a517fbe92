/** A node's configuration as the documents Cluster API makes of it (kubeadm v1beta4), and kubeadm's verdict on them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TopologyRequest } from '../../../provisioner/topology/extension/hooks.ts';
import { controlPlaneOf, jsonOf, workerOf, type NodeConfig } from './requests.ts';

const run = promisify(execFile);
const apiVersion = 'kubeadm.k8s.io/v1beta4';
const discovery = { bootstrapToken: { token: 'abcdef.0123456789abcdef', apiServerEndpoint: '198.51.100.9:6443', caCertHashes: [`sha256:${'0'.repeat(64)}`] } };

/** The control plane's init and cluster documents, its kubelet's configuration, and the join documents of both: separate files, as nodes get them. */
export function kubeadmDocuments(from: TopologyRequest, version: string): string {
  const controlPlane = controlPlaneOf(from);
  return [
    { apiVersion, kind: 'InitConfiguration', ...rendered(controlPlane.initConfiguration) },
    { apiVersion, kind: 'ClusterConfiguration', kubernetesVersion: version, controlPlaneEndpoint: '198.51.100.9:6443', networking: { podSubnet: '10.120.0.0/16', serviceSubnet: '10.121.0.0/16' }, ...controlPlane.clusterConfiguration },
    { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', ...jsonOf(controlPlane, '/etc/kubernetes/patches/kubeletconfiguration0+merge.json') },
    ...[controlPlane, workerOf(from)].map((config) => ({ apiVersion, kind: 'JoinConfiguration', discovery, ...rendered(config.joinConfiguration) })),
  ].map((document) => JSON.stringify(document)).join('\n---\n');
}

/** What cloud-init puts in place of its templates. */
const rendered = (document: NodeConfig['joinConfiguration'] | object): object => JSON.parse(JSON.stringify(document).replaceAll('{{ local_hostname }}', 'demo-1').replaceAll('{{ instance_id }}', '8d9d8a1e')) as object;

/** One run for init, cluster and kubelet, one for each join. Rejects with what kubeadm says: errors, and warnings of strict decoding. */
export async function validateWithKubeadm(kubeadm: string, documents: string): Promise<void> {
  const [init, cluster, kubelet, ...joins] = documents.split('\n---\n');
  const folder = await mkdtemp(join(tmpdir(), 'keelson-kubeadm-'));
  try {
    for (const [i, text] of [[init, cluster, kubelet].join('\n---\n'), ...joins].entries()) {
      const file = join(folder, `${i}.yaml`);
      await writeFile(file, text);
      const { stdout, stderr } = await run(kubeadm, ['config', 'validate', '--config', file]);
      const said = `${stdout}${stderr}`;
      if (!said.startsWith('ok') || /strict decoding|unknown field|W\d{4} /.test(said)) throw new Error(said);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

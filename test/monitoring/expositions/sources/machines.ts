/** What only a node has: a kubelet with pods and a volume. A kubeadm cluster of one on a simulated server. Needs root. */
import { join } from 'node:path';
import { kubernetesVersion } from '../../../../sandbox/tools/pins.ts';
import { toolsBin } from '../../../fixtures/tools-bin.ts';
import { addresses, ids, initUserData, network } from '../../../sandbox/machines/kubeadm-cluster.ts';
import { testImage, writeTestImage } from '../../../sandbox/machines/test-image.ts';
import { World } from '../../../sandbox/machines/world.ts';
import { eventually, type Recorded } from './source.ts';

export async function machines(folder: string): Promise<Recorded[]> {
  writeTestImage(join(folder, 'images'));
  const world = await World.start({ stateDir: folder, toolsDir: toolsBin, repoDir: join(import.meta.dirname, '../../../..'), imagesDir: join(folder, 'images'), worldName: `record-${process.pid}` });
  try {
    await world.call('network', network, '10.66.0.1/24');
    await world.boot({
      id: ids.cp, name: 'cp', hostname: 'cp', zone: 'az1', flavor: { name: 'k.medium', vcpus: 4, ramMb: 8192, diskGb: 40 }, image: { id: 'image', name: `keelson-node-v${kubernetesVersion}` }, userData: initUserData,
      ports: [{ id: `b${ids.cp.slice(1)}`, networkId: network, mac: 'fa:16:3e:66:00:11', address: addresses.cp, prefixLength: 24, gateway: '10.66.0.1', dnsServers: [], mtu: 1450, hostRoutes: [] }],
    });
    const on = async (script: string, stdin?: string): Promise<string> => {
      const { code, stdout, stderr } = await world.exec(ids.cp, ['sh', '-c', `export KUBECONFIG=/etc/kubernetes/admin.conf; ${script}`], stdin === undefined ? {} : { stdin });
      if (code !== 0) throw new Error(`${script}: ${stderr}`);
      return stdout;
    };
    const until = (what: string, script: string, seen: RegExp, seconds = 240): Promise<string> => eventually(what, async () => {
      const text = await on(script);
      return seen.test(text) ? text : undefined;
    }, seconds);
    await until('kubeadm init', 'cat /run/cluster-api/bootstrap-success.complete', /success/);
    await until('the node is Ready', 'kubectl get nodes --no-headers', / Ready /);
    await on('mkdir -p /data && kubectl taint nodes --all node-role.kubernetes.io/control-plane- && kubectl apply -f -', volumePod);
    await until('the pod with a volume', 'kubectl get pod with-volume --no-headers', /Running/);
    return [
      { component: 'kubelet', version: kubernetesVersion, text: await until('statistics of the volume', 'kubectl get --raw /api/v1/nodes/cp/proxy/metrics', /^kubelet_volume_stats_available_bytes/m, 150) },
    ];
  } finally {
    await world.stop();
  }
}

const volumePod = `
apiVersion: v1
kind: PersistentVolume
metadata: {name: local}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: local
  local: {path: /data}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [cp]}]}]}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: local, namespace: default}
spec: {accessModes: [ReadWriteOnce], storageClassName: local, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: with-volume, namespace: default}
spec:
  containers:
    - {name: web, image: "${testImage}", volumeMounts: [{name: data, mountPath: /data}]}
  volumes: [{name: data, persistentVolumeClaim: {claimName: local}}]
`;

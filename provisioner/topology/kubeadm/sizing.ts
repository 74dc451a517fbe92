/**
 * Settings that follow from the size of the server. Which flavor has how many cores is the cloud's to know and a patch
 * must not ask it, so a script on the server writes them as kubeadm patches from what it finds there.
 */
import { file, folder, type NodePart } from './part.ts';

export const patchesFolder = '/etc/kubernetes/patches';

const script = `${folder}/size-node.sh`;

/**
 * Memory and cores for kubelet, runtime and system, as GKE reserves them: of memory 25 % of the first 4 GiB, 20 % of the next 4,
 * 10 % of the next 8, 6 % of the next 112, 2 % of the rest; of cores 6 % of the first, 1 % of the second, 0.5 % of the
 * next two, 0.25 % of the rest. https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes
 */
const reservations = `#!/bin/sh
# Written by Keelson: settings that follow from this server's size, as patches that kubeadm applies.
set -eu
install -d -m 0700 ${patchesFolder}
cores=$(getconf _NPROCESSORS_ONLN)
mib=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
awk -v cores="$cores" -v mib="$mib" '
  function share(from, to, part) { return (mib > from ? (mib < to ? mib : to) - from : 0) * part }
  function cpus(from, to, milli) { return (cores > from ? (cores < to ? cores : to) - from : 0) * milli }
  BEGIN {
    memory = share(0, 4096, 0.25) + share(4096, 8192, 0.2) + share(8192, 16384, 0.1) + share(16384, 131072, 0.06) + share(131072, 1e9, 0.02)
    cpu = cpus(0, 1, 60) + cpus(1, 2, 10) + cpus(2, 4, 5) + cpus(4, 1e6, 2.5)
    printf "{\\"kubeReserved\\": {\\"cpu\\": \\"%dm\\", \\"memory\\": \\"%dMi\\", \\"ephemeral-storage\\": \\"1Gi\\"}}\\n", cpu, memory
  }' > ${patchesFolder}/kubeletconfiguration1+merge.json
`;

/** Two thirds of the API server's places for reading, one for writing; priority and fairness adds both up (KEP-1040). */
const fairness = (requestsPerCore: number): string => `total=$((cores * ${requestsPerCore}))
printf '[{"op": "add", "path": "/spec/containers/0/command/-", "value": "--max-requests-inflight=%d"}, {"op": "add", "path": "/spec/containers/0/command/-", "value": "--max-mutating-requests-inflight=%d"}]\\n' \\
  $((total - total / 3)) $((total / 3)) > ${patchesFolder}/kube-apiserver1+json.json
`;

/** @param requestsPerCore of the API server; undefined on a worker */
export function sizing(requestsPerCore?: number): NodePart {
  return { files: [file(script, reservations + (requestsPerCore === undefined ? '' : fairness(requestsPerCore)), '0700')], before: [script] };
}

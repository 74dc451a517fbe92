/**
 * The kubelet's configuration, as a patch to what kubeadm writes: Cluster API has no fields for it. CIS 4.2, STIG.
 * https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/control-plane-flags/#patches
 */
import type { Inputs } from '../patches/inputs.ts';
import { featureGates } from './feature-gates.ts';
import { jsonFile, type NodePart } from './part.ts';
import { patchesFolder } from './sizing.ts';
import { kubeletTls } from './tls.ts';
import { versionOf } from './version.ts';

export function kubelet(inputs: Inputs): NodePart {
  const { tls, featureGates: gates } = inputs.variables.api;
  const wanted = featureGates(gates, 'kubelet', versionOf(inputs));
  return {
    files: [
      jsonFile(`${patchesFolder}/kubeletconfiguration0+merge.json`, {
        // CIS 4.2.1-4.2.3: who may speak to it.
        authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' } },
        authorization: { mode: 'Webhook' },
        // CIS 4.2.4-4.2.8; STIG CNTR-K8-001300 wants five minutes, -001620 the kernel's defaults.
        readOnlyPort: 0,
        streamingConnectionIdleTimeout: '5m0s',
        makeIPTablesUtilChains: true,
        eventRecordQPS: 50,
        protectKernelDefaults: true,
        // CIS 4.2.10-4.2.14
        rotateCertificates: true,
        ...kubeletTls(tls),
        podPidsLimit: 4096,
        seccompDefault: true,
        // Pods end before the server does: a minute, of which the last seconds are for what others rely on.
        shutdownGracePeriod: '60s',
        shutdownGracePeriodCriticalPods: '15s',
        evictionHard: { 'memory.available': '200Mi', 'nodefs.available': '10%', 'nodefs.inodesFree': '5%', 'imagefs.available': '15%', 'imagefs.inodesFree': '5%' },
        containerLogMaxSize: '50Mi',
        containerLogMaxFiles: 5,
        serializeImagePulls: false,
        maxParallelImagePulls: 5,
        ...(Object.keys(wanted).length ? { featureGates: wanted } : {}),
      }),
    ],
  };
}

/** What would let a pod reach its node: namespaces, ports, files, and probes that the kubelet sends for it. */
import type { Check, Path } from '../check.ts';

export const hostNamespaces: Check = {
  id: 'hostNamespaces',
  level: 'baseline',
  title: 'host namespaces',
  why: "A pod in the node's network, process or IPC namespace sees and signals everything that runs there.",
  revisions: [
    {
      since: 0,
      rules: [
        { kind: 'allowed', paths: ['spec.hostNetwork'], allowed: [false], fix: 'remove hostNetwork; reach the pod through a Service' },
        { kind: 'allowed', paths: ['spec.hostPID'], allowed: [false], fix: 'remove hostPID' },
        { kind: 'allowed', paths: ['spec.hostIPC'], allowed: [false], fix: 'remove hostIPC' },
      ],
    },
  ],
  source: 'policy/check_hostNamespaces.go',
};

export const hostPathVolumes: Check = {
  id: 'hostPathVolumes',
  level: 'baseline',
  title: 'hostPath volumes',
  why: "A directory of the node in a pod is a way to the node's credentials and to every other pod on it.",
  revisions: [{ since: 0, rules: [{ kind: 'absent', paths: ['spec.volumes[*].hostPath'], fix: 'use a persistentVolumeClaim, emptyDir, configMap or secret instead of hostPath' }] }],
  source: 'policy/check_hostPathVolumes.go',
};

export const hostPorts: Check = {
  id: 'hostPorts',
  level: 'baseline',
  title: 'host ports',
  why: "A port of the node is outside the pod network's policies, and only one pod of the node can have it.",
  revisions: [{ since: 0, rules: [{ kind: 'allowed', paths: ['C[*].ports[*].hostPort'], allowed: [0], fix: 'remove hostPort; expose the pod with a Service' }] }],
  source: 'policy/check_hostPorts.go',
};

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle.postStart', 'lifecycle.preStop'];
const probeHosts: readonly Path[] = probes.flatMap((probe) => [`C[*].${probe}.httpGet.host`, `C[*].${probe}.tcpSocket.host`]);

export const hostProbesAndHostLifecycle: Check = {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  title: 'hosts in probes and lifecycle handlers',
  why: 'The kubelet sends probes from the node: with a host of its choice a pod makes it knock at other doors.',
  revisions: [{ since: 34, rules: [{ kind: 'allowed', paths: probeHosts, allowed: [''], fix: "remove host; probes and handlers go to the pod's own address" }] }],
  source: 'policy/check_hostProbesAndhostLifecycle.go, KEP-4940',
};

export const windowsHostProcess: Check = {
  id: 'windowsHostProcess',
  level: 'baseline',
  title: 'Windows host processes',
  why: 'A host process container is a process of the Windows node with its rights.',
  revisions: [
    {
      since: 0,
      rules: [{ kind: 'allowed', paths: ['spec.securityContext.windowsOptions.hostProcess', 'C[*].securityContext.windowsOptions.hostProcess'], allowed: [false], fix: 'remove hostProcess' }],
    },
  ],
  source: 'policy/check_windowsHostProcess.go',
};

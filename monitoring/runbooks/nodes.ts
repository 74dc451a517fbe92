/** Runbooks about nodes and kubelets. */
import type { Look, Remedy, Runbook } from './model.ts';

const describe: Look = ['What does the node say of itself?', "kubectl describe node <node> | sed -n '/Conditions/,/Addresses/p'"];
const pods: Look = ['Which pods are there?', 'kubectl get pods -A -o wide --field-selector spec.nodeName=<node>'];
const server: Look = ['What does the cloud say of its server?', 'openstack server show <node> -c status -c OS-EXT-STS:vm_state -c OS-EXT-SRV-ATTR:host'];
const consoleLog: Look = ['What did its console say last?', 'openstack console log show --lines 50 <node>'];
const shell: Look = ['Into the node (its files are below /host; delete the pod afterwards)', 'kubectl debug node/<node> -it --image=busybox --profile=sysadmin -- chroot /host'];
const replaceIt: Remedy = ['nothing of this, or no time', 'replace the machine: on the management cluster `kubectl -n <org-namespace> annotate machine <machine> cluster.x-k8s.io/remediate-machine=true`; it is drained and made anew'];

export const nodeRunbooks: readonly Runbook[] = [
  {
    alert: 'NodeNotReady', meaning: 'The kubelet of the node has not reported for ten minutes, or reports that it cannot run pods; no health check has replaced the machine.',
    impact: 'After five minutes its pods are made anew elsewhere, where there is room; those with volumes wait until the volume is free. On a control plane node etcd has one member less.',
    confirm: [describe, server, consoleLog, ['Why was it not replaced?', 'kubectl get machinehealthcheck -A -o wide']],
    fix: [['server SHUTOFF or ERROR', '`openstack server start <node>`; in ERROR delete its Machine'], ['ACTIVE, and the console shows a kernel that stands still or kills for memory', '`openstack server reboot --hard <node>`'], ['`NetworkUnavailable`, `cni plugin not initialized`', 'the agent of the pod network there: `kubectl -n kube-system get pods -o wide --field-selector spec.nodeName=<node>`'], ['the health check says that too many are unhealthy', 'the fault is elsewhere: see NodesNotReady'], replaceIt],
    prevent: 'A MachineHealthCheck per group of machines, as the class has it, and room for one node more (ClusterCapacityLow).',
  },
  {
    alert: 'NodesNotReady', meaning: 'More than three tenths of the nodes of the cluster do not report.',
    impact: 'Most workloads are gone or about to be. Health checks have stopped replacing machines, so that they do not make it worse.',
    confirm: [['Which, and what have they in common (zone, hypervisor, version)?', 'kubectl get nodes -L topology.kubernetes.io/zone'], ['Do they reach the API server?', 'kubectl get leases -n kube-node-lease -o custom-columns=NAME:.metadata.name,RENEWED:.spec.renewTime'], ['What does the cloud say of the servers?', 'openstack server list --name <cluster> -c Name -c Status -c Host']],
    fix: [['all of one zone or hypervisor', 'the cloud: tell those who run it; ZonePartitioned has more'], ['all of one version, after an upgrade', 'stop it: pause the Cluster (`kubectl -n <org-namespace> patch cluster <cluster> --type merge -p \'{"spec":{"paused":true}}\'`), look at one node'], ['leases are old everywhere, servers are ACTIVE', 'the way to the API server: the load balancer (`openstack loadbalancer status show <id>`), security groups'], ['the API server refuses them', 'certificates: CertificateExpiresSoon, KubeletCertificateNotRenewed']],
    prevent: 'Spread over zones; change few machines at a time (maxUnavailable, maxSurge).', escalate: 'At once, to whoever runs the cloud, when servers or zones are gone.',
  },
  {
    alert: 'NodePressure', meaning: 'The kubelet is below one of its eviction thresholds: memory, disk or number of processes.',
    impact: 'It evicts pods, those that exceed their requests first, and the node takes no new ones.',
    confirm: [describe, ['Who uses it?', 'kubectl top pods -A --sort-by=memory'], ['What was evicted?', 'kubectl get events -A --field-selector reason=Evicted --sort-by=.lastTimestamp'], shell],
    fix: [['MemoryPressure', 'a pod without a limit: set one, or move it'], ['DiskPressure', 'NodeDiskFull'], ['PIDPressure', 'a pod that forks: `kubectl -n <namespace> delete pod <pod>`, and tell its owner'], replaceIt],
    prevent: 'Requests and limits on every pod (the policies ask for them); LimitRanges.',
  },
  {
    alert: 'NodeReadinessFlaps', meaning: 'The node goes and comes, too shortly each time for a health check.',
    impact: 'Its pods leave their Services and come back each time; connections break.',
    confirm: [['When?', 'kubectl get events -A --field-selector involvedObject.name=<node> --sort-by=.lastTimestamp'], describe, ['Is its network at fault?', 'kubectl -n keelson-system get pods -l app.kubernetes.io/name=net-exporter -o wide'], server],
    fix: [['PLEG, runtime or disk in the events', 'KubeletSlow'], ['packets are lost to it', 'PacketLoss, NodeUnreachable'], ['several nodes of one hypervisor', 'tell those who run the cloud'], replaceIt], prevent: 'Servers on hypervisors that are not overcommitted.',
  },
  {
    alert: 'NodeCordonedTooLong', meaning: 'Nobody lets pods onto the node again, a day after it was cordoned.',
    impact: 'Its room is missing when another node fails.',
    confirm: [['Who did it, and is a drain under way?', 'kubectl get node <node> -o yaml --show-managed-fields'], pods, ['What holds a drain up?', 'kubectl get poddisruptionbudget -A']],
    fix: [['nobody needs it cordoned', '`kubectl uncordon <node>`'], ['its Machine is being deleted and waits', 'a PodDisruptionBudget that allows nothing: scale the workload up, or agree with its owner'], replaceIt], prevent: 'PodDisruptionBudgets that allow at least one.',
  },
  {
    alert: 'NodeDiskFull', meaning: 'A file system of the node has hardly any room left.',
    impact: 'The kubelet evicts pods and pulls no images. On a control plane node etcd stops writing when its disk is full, and the API fails.',
    confirm: [describe, shell, ['Who uses it? (in the node)', 'du -xsh /var/lib/containerd /var/lib/kubelet /var/log /var/lib/etcd'], ['Which pods write much there?', 'kubectl get --raw /api/v1/nodes/<node>/proxy/stats/summary']],
    fix: [['containerd: images', '`crictl rmi --prune` in the node'], ['logs', '`journalctl --vacuum-size=200M`; a container that logs much: find it under /var/log/pods and tell its owner'], ['an emptyDir or a container\'s own layer', 'delete that pod; set `ephemeral-storage` limits'], ['/var/lib/etcd', 'EtcdDatabaseNearQuota'], replaceIt],
    prevent: 'Larger root volumes (worker.rootVolume); limits on ephemeral-storage.',
  },
  {
    alert: 'NodeInodesFull', meaning: 'The file system has room, but hardly any inodes.', impact: 'No file can be made there: no container starts.',
    confirm: [shell, ['Where are the many files? (in the node)', 'du -x --inodes -d 4 / | sort -n | tail -20']],
    fix: [['below /var/lib/containerd', '`crictl rmi --prune`'], ['below /var/lib/kubelet/pods', 'that pod makes small files without end: delete it and tell its owner'], replaceIt], prevent: 'A file system made with more inodes, or XFS, in the image.',
  },
  {
    alert: 'NodeDiskReadOnly', meaning: 'The kernel made the file system read-only after errors of the disk.',
    impact: 'Nothing is written any more, while the node may still look Ready. On a control plane node etcd loses this member.',
    confirm: [['What did the kernel say?', 'openstack console log show --lines 100 <node>'], ['Is the volume well?', 'openstack server volume list <node>']],
    fix: [['errors of the disk', 'replace the machine, do not repair it: `kubectl -n <org-namespace> annotate machine <machine> cluster.x-k8s.io/remediate-machine=true` on the management cluster'], ['many nodes at once', 'the storage of the cloud: tell those who run it']], prevent: 'Nothing here: disks fail.', escalate: 'To those who run the cloud, when more than one node is concerned.',
  },
  {
    alert: 'NodeMemoryLow', meaning: 'Nearly all memory of the node is in use.', impact: 'Everything there is slow; then the kubelet evicts, or the kernel kills.',
    confirm: [['Who uses it?', 'kubectl top pods -A --sort-by=memory'], pods, describe],
    fix: [['a pod far above its request', 'tell its owner; delete the pod'], ['many pods at their requests', 'requests are too small: raise them, or add nodes'], ['no pod explains it', 'a process of the node: look with `top` in `kubectl debug node/<node>`'], replaceIt], prevent: 'Requests near what is used; system reserved of the class.',
  },
  {
    alert: 'NodeOverloaded', meaning: 'Many more processes want to run than the node has cores, for half an hour.', impact: 'Probes time out, pods are restarted that are well, and on a control plane node etcd is slow.',
    confirm: [['Who uses it?', 'kubectl top pods -A --sort-by=cpu'], ['Does it wait for the disk?', 'kubectl debug node/<node> -it --image=busybox --profile=sysadmin -- chroot /host vmstat 1 5'], server],
    fix: [['a pod without a CPU request', 'set one; move it'], ['processes in state D, wa is high', 'the disk: EtcdDiskSlow, NodeDiskReadOnly; those who run the cloud'], ['st is high', 'the hypervisor is overcommitted: tell those who run the cloud'], replaceIt], prevent: 'Requests; flavors with dedicated cores for control planes.',
  },
  {
    alert: 'NodeConntrackFull', meaning: "The kernel's table of connections is nearly full.", impact: 'Beyond it new connections of everybody on the node are dropped, without an error on either side.',
    confirm: [['How full?', 'kubectl debug node/<node> -it --image=busybox --profile=sysadmin -- chroot /host sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max'], ['Who has many?', 'kubectl debug node/<node> -it --image=busybox --profile=sysadmin -- chroot /host conntrack -S'], pods],
    fix: [['a load test, or a pod that opens connections without end', 'stop it; use keep-alive'], ['rightful load', 'raise it: kube-proxy\'s `conntrack.maxPerCore`, or `net.netfilter.nf_conntrack_max` in the image; more nodes'], ['a flood from outside', 'close it at the security group or load balancer']], prevent: 'Connection pools in clients; the limit sized to the memory of the node.',
  },
  {
    alert: 'NodeFileDescriptorsLow', meaning: 'Most of the file handles of the node are open.', impact: 'At the end nothing there opens a file or a connection.',
    confirm: [shell, ['Who has many? (in the node)', 'lsof -n | awk \'{print $1}\' | sort | uniq -c | sort -n | tail'], pods],
    fix: [['a pod', 'delete it, tell its owner: it leaks'], ['a process of the node', 'restart it: `systemctl restart <unit>`'], replaceIt], prevent: 'Nothing: leaks are faults.',
  },
  {
    alert: 'NodeOutOfMemoryKills', meaning: 'The kernel killed several processes for memory within a quarter of an hour.', impact: 'Containers restart; when it is not their own limit, any may be hit.',
    confirm: [['Which containers?', "kubectl get pods -A -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name} {.status.containerStatuses[*].lastState.terminated.reason}{\"\\n\"}{end}'"], ['What did the kernel say?', 'openstack console log show --lines 100 <node>']],
    fix: [['OOMKilled at their own limit', 'raise the limit, or mend the leak: the owner of the workload'], ['killed without having reached a limit', 'NodeMemoryLow']], prevent: 'Memory limits equal to requests for what must not be killed.',
  },
  {
    alert: 'NodeNetworkCardErrors', meaning: 'The network card of the node counts errors, for a quarter of an hour.', impact: 'Packets are lost: PacketLoss follows.',
    confirm: [['Which errors?', 'kubectl debug node/<node> -it --image=busybox --profile=sysadmin -- chroot /host ip -s link show <device>'], server],
    fix: [['several nodes of one hypervisor', 'tell those who run the cloud'], ['one node', '`openstack server migrate --live-migration <node>`, or replace the machine']], prevent: 'Nothing here.', escalate: 'To those who run the cloud.',
  },
  {
    alert: 'KubeletDown', meaning: "The cluster's Prometheus has got no answer of the kubelet for ten minutes.", impact: 'While the node is Ready: only its metrics. Else see NodeNotReady.',
    confirm: [describe, ['What does the target say?', "kubectl get --raw '/api/v1/namespaces/keelson-system/services/prometheus-operated:web/proxy/api/v1/targets?state=active'"], ['Does the API server reach it?', 'kubectl get --raw /api/v1/nodes/<node>/proxy/healthz']],
    fix: [['the API server reaches it, Prometheus does not', 'a network policy or security group on 10250'], ['401 or 403', 'the ClusterRole keelson-prometheus (nodes/metrics)'], ['nobody reaches it', 'NodeNotReady']], prevent: 'Policies generated from contracts, not written by hand.',
  },
  {
    alert: 'KubeletSlow', meaning: 'The kubelet takes more than ten seconds to ask the runtime what runs.', impact: 'At three minutes the node turns NotReady; before that pods start and end late.',
    confirm: [shell, ['Does the runtime answer? (in the node)', 'time crictl ps'], ['Is the disk slow? (in the node)', 'iostat -x 1 5'], pods],
    fix: [['crictl hangs', '`systemctl restart containerd` (pods run on)'], ['the disk is at 100 %', 'who writes: NodeOverloaded'], ['hundreds of pods', 'NodePodsFull'], replaceIt], prevent: 'Fast root disks.',
  },
  {
    alert: 'PodsStartSlowly', meaning: 'One in a hundred pods takes more than a minute to start, the pull of its images apart.', impact: 'Roll-outs and restarts take minutes.',
    confirm: [['What do slow pods wait for?', 'kubectl get events -A --sort-by=.lastTimestamp'], shell],
    fix: [['volumes are attached slowly', 'VolumeCallsFail, CloudCallsFail'], ['sandbox or network', 'the agent of the pod network on that node'], ['everything is slow', 'KubeletSlow, NodeOverloaded']], prevent: 'Nothing special.',
  },
  {
    alert: 'ContainerRuntimeErrors', meaning: 'More than a tenth of the calls to the container runtime fail.', impact: 'Pods of that node do not start, or do not end.',
    confirm: [['What does it say?', 'kubectl get --raw "/api/v1/nodes/<node>/proxy/logs/?query=containerd"'], describe, shell],
    fix: [['no space left', 'NodeDiskFull'], ['images that cannot be pulled', 'registry or its credentials; ComponentPodCannotRun'], ['containerd hangs or panics', '`systemctl restart containerd`'], replaceIt], prevent: 'Versions of containerd that the image recipe names.',
  },
  {
    alert: 'KubeletCertificateNotRenewed', meaning: 'The kubelet asks for a new client certificate and gets none.', impact: 'When the old one expires the node is lost.',
    confirm: [['Are requests waiting?', 'kubectl get csr --sort-by=.metadata.creationTimestamp'], ['When does it expire?', 'kubectl debug node/<node> -it --image=busybox --profile=sysadmin -- chroot /host openssl x509 -enddate -noout -in /var/lib/kubelet/pki/kubelet-client-current.pem']],
    fix: [['Pending', 'the controller manager approves and signs them: ControllerManagerDown; its flags `--cluster-signing-*`'], ['Denied', 'who did so: `kubectl describe csr <name>`'], ['none', 'the kubelet does not reach the API server'], replaceIt], prevent: 'Nothing: rotation is on by default.',
  },
  {
    alert: 'NodePodsFull', meaning: 'The node runs nearly as many pods as it may.', impact: 'The next pods do not start there.',
    confirm: [pods, ['How many may it?', "kubectl get node <node> -o jsonpath='{.status.allocatable.pods}'"]],
    fix: [['many small pods', 'more nodes, or a larger maxPods in the worker group'], ['Completed pods of Jobs', '`ttlSecondsAfterFinished` on the Jobs']], prevent: 'Worker groups that fit the size of pods.',
  },
  {
    alert: 'ClusterCapacityLow', meaning: 'The pods request more than the nodes would have without the largest of them.', impact: 'None yet. When a node fails or is replaced, some pods find no place.',
    confirm: [['Who requests how much?', 'kubectl get nodes -o name | xargs -n 1 kubectl describe | grep -A 6 "Allocated resources"'], ['How much is used?', 'kubectl top nodes']],
    fix: [['requests far above use', 'lower them with their owners'], ['rightful', 'one node more: raise `replicas` of the worker group in the Cluster']], prevent: 'An autoscaler, or quotas that fit the nodes.', escalate: 'To the owner of the cluster: room costs money.',
  },
  {
    alert: 'PodsUnschedulable', meaning: 'Pods have waited half an hour for a node that takes them.', impact: 'They do not run; replicas that should replace others are missing.',
    confirm: [['Which?', 'kubectl get pods -A --field-selector status.phase=Pending -o wide'], ['Why?', 'kubectl get events -A --field-selector reason=FailedScheduling --sort-by=.lastTimestamp']],
    fix: [['Insufficient cpu or memory', 'ClusterCapacityLow'], ['untolerated taint', 'node.cloudprovider.kubernetes.io/uninitialized: the cloud controller manager; else the pod\'s tolerations'], ['volume node affinity conflict', 'the volume is in another zone: a node there, or move the data'], ['didn\'t match node selector or affinity', 'the owner of the pod']], prevent: 'Quotas, and room for one node more.',
  },
];

/** Runbooks about etcd, the API server and the controllers. */
import type { Look, Remedy, Runbook } from './model.ts';

const etcdctl = 'kubectl -n kube-system exec etcd-<node> -- etcdctl --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/server.crt --key /etc/kubernetes/pki/etcd/server.key';
const status: Look = ['How do the members see themselves?', `${etcdctl} endpoint status --cluster -w table`];
const health: Look = ['Do they take writes?', `${etcdctl} endpoint health --cluster`];
const members: Look = ['Which machines are the control plane? (management cluster)', 'kubectl -n <org-namespace> get machines -l cluster.x-k8s.io/cluster-name=<cluster>,cluster.x-k8s.io/control-plane -o wide'];
const etcdLog: Look = ['What do they say?', 'kubectl -n kube-system logs etcd-<node> --tail=50'];
const readyz: Look = ['Is the API server well?', "kubectl get --raw '/readyz?verbose'"];
const disk: Remedy = ['the disk under it is slow', 'who else writes there (NodeOverloaded); a volume of its own for etcd: `controlPlane.etcdVolume`; those who run the cloud'];
const replace: Remedy = ['a member that does not come back', 'delete its Machine; the control plane provider removes the member and makes another, one at a time'];

const etcdLatency = (alert: string, meaning: string, fix: readonly Remedy[]): Runbook => ({
  alert, meaning, impact: 'Every write to the API waits for it. At a second leaders change, and writes stand still each time.',
  confirm: [status, health, etcdLog, ['How do disks and peers do? (board of the control plane)', 'kubectl get --raw "/api/v1/namespaces/keelson-system/services/prometheus-operated:web/proxy/api/v1/query?query={__name__=~%22keelson:etcd_.%2Bseconds:p99%22}"']], fix, prevent: 'Disks with guaranteed IOPS for control planes; members in one region.',
});

export const controlPlaneRunbooks: readonly Runbook[] = [
  {
    alert: 'EtcdMemberDown', meaning: 'A member of etcd has not answered for ten minutes.', impact: 'None yet; one more, of three, and the API takes no writes.',
    confirm: [status, members, ['What does its node say?', 'kubectl get nodes -l node-role.kubernetes.io/control-plane']],
    fix: [['its node is gone', 'NodeNotReady; the machine is replaced by its health check'], ['the pod crashes', 'its log: `mvcc: database space exceeded` is EtcdDatabaseNearQuota; `corrupt`: replace the machine'], replace], prevent: 'Three control plane nodes in three zones.',
  },
  {
    alert: 'EtcdQuorumAtRisk', meaning: 'Just as many members are left as etcd needs.', impact: 'None yet. With one member less nothing in the cluster can be changed.',
    confirm: [status, members, ['Is a replacement under way? (management cluster)', "kubectl -n <org-namespace> get kubeadmcontrolplane -o wide"]],
    fix: [['one is being replaced', 'wait, touch nothing else of the control plane'], ['none is', 'bring the lost one back first: `openstack server start <node>`; then EtcdMemberDown'], ['do not', 'delete, reboot or upgrade one of the members that are left']], prevent: 'Three control plane nodes in three zones; never two changes at once.', escalate: 'At once to whoever knows etcd, before a member is removed by hand.',
  },
  {
    alert: 'EtcdNoLeader', meaning: 'Members of etcd know no leader: there is no majority, or they do not hear one another.', impact: 'The API takes no writes and fails most reads. Pods run on.',
    confirm: [status, members, etcdLog, ['Do the zones reach each other?', 'kubectl -n keelson-system get pods -l app.kubernetes.io/name=net-exporter -o wide']],
    fix: [['a majority is down', 'start their servers: `openstack server start <node>`'], ['they are up and do not hear one another', 'ports 2379 and 2380 between control plane nodes: security groups; ZonePartitioned'], ['the majority is lost for good', 'restore: stop all API servers, `etcdutl snapshot restore`, or `--force-new-cluster` on the one member with the newest data; then let the others be made anew'], ['clocks differ much', 'ClockOff']],
    prevent: 'Snapshots, and a restore that was tried.', escalate: 'At once, to a second person: restoring etcd is done by two.',
  },
  etcdLatency('EtcdLeaderChanges', 'etcd got another leader several times within a quarter of an hour.', [['one node, its disk', 'EtcdDiskSlow'], ['slow to one another', 'EtcdPeerSlow, NetworkSlow'], ['the node is overloaded', 'NodeOverloaded; larger flavor for the control plane'], ['during an upgrade', 'one per replaced member is as it should be']]),
  etcdLatency('EtcdDiskSlow', 'etcd waits long until its log is on disk.', [disk, ['only one member', 'replace its machine: another hypervisor']]),
  etcdLatency('EtcdCommitSlow', 'etcd waits long until its database is committed.', [disk, ['the database is large', 'EtcdDatabaseNearQuota, EtcdFragmented']]),
  etcdLatency('EtcdPeerSlow', 'A member of etcd is far away from its peers.', [['the network between zones is slow', 'NetworkSlow'], ['one member only', 'NodeOverloaded; replace its machine']]),
  {
    alert: 'EtcdDatabaseNearQuota', meaning: 'The database of etcd is close to its quota.', impact: 'At the quota etcd raises the alarm NOSPACE and takes no writes: nothing in the cluster can be changed, deletions neither.',
    confirm: [status, ['What fills it? (most objects by resource)', "kubectl get --raw /metrics | grep -E '^apiserver_(resource|storage)_objects' | sort -t ' ' -k 2 -n | tail"], ['Is the alarm raised?', `${etcdctl} alarm list`]],
    fix: [['much of the file is unused', 'EtcdFragmented: defragment, one member at a time'], ['events, Leases, CSRs or an own resource in the ten thousands', 'find who makes them, stop it, delete them in pages'], ['large objects (Helm releases, ConfigMaps)', 'delete old revisions'], ['alarm NOSPACE', 'defragment, then `etcdctl alarm disarm`'], ['rightful growth', 'raise `quota-backend-bytes` (8 GB at most) in the control plane\'s variables']], prevent: 'Compaction is on; watch the growth on the board of the control plane.',
  },
  {
    alert: 'EtcdFragmented', meaning: 'More than half of the database file holds nothing.', impact: 'None, but the file counts against the quota.',
    confirm: [status], fix: [['always', `one member after the other, the leader last, none during an upgrade: \`${etcdctl} defrag\`; the member answers nothing for seconds`]], prevent: 'Nothing: it comes after mass deletions.',
  },
  {
    alert: 'EtcdProposalsFail', meaning: 'etcd refused writes, because it lost its leader or its majority meanwhile.', impact: 'Those writes failed; clients of Kubernetes try again.',
    confirm: [status, health, etcdLog], fix: [['leaders change', 'EtcdLeaderChanges'], ['members are missing', 'EtcdMemberDown']], prevent: 'As for these.',
  },
  {
    alert: 'EtcdNotWatched', meaning: 'The cluster reports, and nothing on etcd: it is not scraped.', impact: 'What goes wrong in etcd is noticed when the API fails.',
    confirm: [['Are there targets?', "kubectl get --raw '/api/v1/namespaces/keelson-system/services/prometheus-operated:web/proxy/api/v1/targets?state=active&scrapePool=etcd'"], ['Is what shows its metrics there?', 'kubectl -n kube-system get pods -l app.kubernetes.io/name=control-plane-metrics -o wide']],
    fix: [['no target', 'the ServiceMonitor of etcd in workload-monitoring; a control plane without the metrics relay (older class): upgrade the class'], ['targets are down', 'port 10270 of control plane nodes: security group, network policy']], prevent: 'A class version that has it.',
  },
  {
    alert: 'ApiServerErrorsBurnBudget', meaning: 'The API server fails so many requests that the errors it may make in a month are used up in days.', impact: 'kubectl, controllers and deployments fail now and then, or always.',
    confirm: [readyz, ['Which requests fail?', "kubectl get --raw /metrics | grep -E '^apiserver_request_total.*code=\"5' | sort -t ' ' -k 2 -n | tail"], ['What do they say?', 'kubectl -n kube-system logs -l component=kube-apiserver --tail=50'], ['Is etcd well?', "kubectl get --raw '/readyz/etcd'"]],
    fix: [['etcd is not well', 'EtcdNoLeader, EtcdDiskSlow'], ['500 on create or update', 'a webhook: WebhookFails'], ['503 of one group', 'AggregatedApiDown'], ['504, everything is slow', 'ApiServerSlow'], ['one of the servers only', 'its node: NodeOverloaded; restart it: move its manifest away and back']], prevent: 'Webhooks with short timeouts and several replicas.',
  },
  {
    alert: 'ApiServerSlow', meaning: 'One in a hundred requests takes more than a second, webhooks apart.', impact: 'Controllers fall behind; kubectl is sluggish.',
    confirm: [readyz, ['Which are slow?', "kubectl get --raw /metrics | grep '^apiserver_request_sli_duration_seconds_sum' | sort -t ' ' -k 2 -n | tail"], ['Who asks much?', "kubectl get --raw /metrics | grep '^apiserver_flowcontrol_dispatched_requests_total' | sort -t ' ' -k 2 -n | tail"]],
    fix: [['LIST of large resources', 'find the client in the audit log; it should watch, or page'], ['writes are slow', 'EtcdCommitSlow'], ['CPU at its end', 'a larger flavor for the control plane']], prevent: 'Informers in own controllers; flow schemas for heavy clients.',
  },
  {
    alert: 'ApiServerRejectsRequests', meaning: 'The API server answers 429 to requests of a priority level.', impact: 'Those clients wait and try again.',
    confirm: [['Whose requests?', "kubectl get --raw /metrics | grep '^apiserver_flowcontrol_rejected_requests_total'"], ['Which flow schema?', 'kubectl get flowschemas,prioritylevelconfigurations']],
    fix: [['one client asks without end', 'stop it; give it a flow schema of its own'], ['all levels', 'ApiServerSlow; a larger control plane']], prevent: 'Back-off in clients.',
  },
  {
    alert: 'WebhookFails', meaning: 'An admission webhook does not answer, and its failurePolicy refuses what it cannot judge.', impact: 'What it judges cannot be created or changed; pods that should replace others may be among it.',
    confirm: [['Which configuration is it?', 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations -o wide'], ['Does what it calls run?', 'kubectl get endpointslices -A'], ['What does the API server say?', 'kubectl -n kube-system logs -l component=kube-apiserver --tail=100']],
    fix: [['its pods do not run', 'ComponentDown; when they cannot start because of the webhook itself, set `failurePolicy: Ignore` until they do'], ['x509', 'its caBundle or certificate: CertificateExpiresSoon'], ['timeout', 'a network policy or security group between API server and pod; WebhookSlow'], ['it belongs to something that is gone', 'delete the configuration']], prevent: 'Webhooks that do not judge their own namespace and kube-system; two replicas and a PodDisruptionBudget.',
  },
  {
    alert: 'WebhookBypassed', meaning: 'An admission webhook does not answer, and its failurePolicy lets everything pass.', impact: 'What it should refuse or change is let through as it is.',
    confirm: [['Which configuration is it?', 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations -o wide'], ['Does what it calls run?', 'kubectl get endpointslices -A']],
    fix: [['as in WebhookFails', 'the same remedies'], ['afterwards', 'look at what was created meanwhile: policy reports, `keelson policy pods` over it']], prevent: 'Policies as ValidatingAdmissionPolicy, which needs no webhook.',
  },
  {
    alert: 'WebhookSlow', meaning: 'One in a hundred requests waits five seconds or more for a webhook.', impact: 'At its timeout it fails: WebhookFails or WebhookBypassed.',
    confirm: [['How busy is it?', 'kubectl top pods -A --sort-by=cpu'], ['Which configuration is it?', 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations -o wide']],
    fix: [['at its CPU limit', 'raise it, or more replicas'], ['it asks something slow itself', 'its own documentation'], ['it judges more than it needs', 'narrow its rules, namespaceSelector and matchConditions']], prevent: 'matchConditions.',
  },
  {
    alert: 'AggregatedApiDown', meaning: 'What serves an aggregated API does not answer.', impact: 'kubectl is slow for everybody, namespaces are not deleted, and what needs this API stands still.',
    confirm: [['Why?', "kubectl get apiservices -o custom-columns=NAME:.metadata.name,SERVICE:.spec.service.name,AVAILABLE:.status.conditions[0].message"], ['Do its pods run?', 'kubectl get pods -A -o wide']],
    fix: [['metrics.k8s.io', 'metrics-server: ComponentDegraded'], ['FailedDiscoveryCheck, timeout', 'network policy between API server and pod'], ['MissingEndpoints of something that is gone', '`kubectl delete apiservice <name>`']], prevent: 'Two replicas.',
  },
  {
    alert: 'AuditLogFails', meaning: 'The API server could not write audit events.', impact: 'Who did what in that time cannot be told.',
    confirm: [['What does it say?', 'kubectl -n kube-system logs -l component=kube-apiserver --tail=100'], ['Is the disk full?', 'kubectl debug node/<node> -it --image=busybox --profile=sysadmin -- chroot /host df -h /var/log']],
    fix: [['no space', 'NodeDiskFull'], ['read-only', 'NodeDiskReadOnly']], prevent: 'Rotation as the class sets it.', escalate: 'To those who answer for security, with the time that is missing.',
  },
  {
    alert: 'ControllerManagerDown', meaning: 'No kube-controller-manager answers.', impact: 'Pods of dead nodes are not replaced, roll-outs stand still, Services keep old endpoints, certificates are not signed.',
    confirm: [['Do its pods run?', 'kubectl -n kube-system get pods -l component=kube-controller-manager -o wide'], ['What do they say?', 'kubectl -n kube-system logs -l component=kube-controller-manager --tail=50'], ['Who leads?', "kubectl -n kube-system get lease kube-controller-manager -o jsonpath='{.spec.holderIdentity} {.spec.renewTime}'"]],
    fix: [['the Lease is fresh', 'only its metrics are away: port 10270 of the control plane nodes'], ['crashes', 'a flag or a certificate; compare /etc/kubernetes/manifests with another node'], ['does not reach the API server', 'ApiServerErrorsBurnBudget']], prevent: 'Three control plane nodes.',
  },
  {
    alert: 'SchedulerDown', meaning: 'No kube-scheduler answers.', impact: 'No new pod gets a node, also none that replaces another.',
    confirm: [['Do its pods run?', 'kubectl -n kube-system get pods -l component=kube-scheduler -o wide'], ['What do they say?', 'kubectl -n kube-system logs -l component=kube-scheduler --tail=50'], ['Who leads?', "kubectl -n kube-system get lease kube-scheduler -o jsonpath='{.spec.holderIdentity} {.spec.renewTime}'"]],
    fix: [['the Lease is fresh', 'only its metrics are away: port 10270 of the control plane nodes'], ['crashes', 'its configuration file; compare with another node'], ['does not reach the API server', 'ApiServerErrorsBurnBudget']], prevent: 'Three control plane nodes.',
  },
  {
    alert: 'ControllersBehind', meaning: 'A controller of the controller manager has had a hundred objects waiting for ten minutes.', impact: 'What it does is late: endpoints, roll-outs, garbage.',
    confirm: [['What does it say?', 'kubectl -n kube-system logs -l component=kube-controller-manager --tail=100'], readyz],
    fix: [['the API server is slow', 'ApiServerSlow'], ['one kind of object in the ten thousands', 'find who makes them'], ['it hangs', 'delete the pod that leads: another takes over']], prevent: 'Quotas on numbers of objects.',
  },
  {
    alert: 'KubeClientErrors', meaning: 'More than a twentieth of the requests of a component to the API server fail.', impact: 'The component works late, or with old knowledge.',
    confirm: [readyz, ['What does the component say?', 'kubectl -n <namespace> logs <pod> --tail=50']],
    fix: [['the API server fails', 'ApiServerErrorsBurnBudget'], ['only pods of one node', 'that node\'s way to the API: NodeUnreachable, ServicePathBroken'], ['401, 403', 'its ServiceAccount and roles']], prevent: 'Nothing special.',
  },
  {
    alert: 'KubernetesVersionsDiffer', meaning: 'Two minor versions of Kubernetes have run side by side for four hours.', impact: 'Allowed for kubelets (three minors), not meant to last.',
    confirm: [['Who is where?', 'kubectl get nodes -o wide'], ['Is an upgrade under way? (management cluster)', 'keelson cluster status <cluster> -n <org-namespace>']],
    fix: [['the upgrade stands still', 'ClusterUpgradeStuck'], ['a worker group was left out', 'its `version` follows the topology: is it paused, or its `replicas` 0?']], prevent: 'Upgrades in one go.',
  },
];

/** Runbooks about the components of every cluster, volumes, policies and what tenants run. */
import type { Look, Runbook } from './model.ts';

const workloads: Look = ['Which pods are not well?', 'kubectl -n <namespace> get deploy,daemonset,statefulset,pods -o wide'];
const why: Look = ['Why?', 'kubectl -n <namespace> describe pod <pod>'];
const said: Look = ['What did it say last?', 'kubectl -n <namespace> logs <pod> --previous --tail=50'];
const app: Look = ['What does its App say? (management cluster)', 'kubectl -n <org-namespace> get apps'];
const tenantEscalation = 'To the platform team, when the cause is not yours.';

export const platformRunbooks: readonly Runbook[] = [
  {
    alert: 'ComponentDown', meaning: 'No replica of a component that the cluster does not do without has been available for five minutes.', impact: 'See the table below.',
    confirm: [workloads, why, said, app],
    fix: [['the App is not Ready', 'AppNotReady names the reason'], ['pods do not start', 'ComponentPodCannotRun'], ['pods are Pending', 'PodsUnschedulable'], ['pods are refused', 'a policy or a quota: `kubectl -n <namespace> get events --sort-by=.lastTimestamp`'], ['it began with a new version', 'back: `version` of its App, or the bundle of before']],
    prevent: 'Two replicas, spread over zones, and a PodDisruptionBudget.',
  },
  {
    alert: 'ComponentDegraded', meaning: 'Not all replicas of a component have been available for a quarter of an hour.', impact: 'As a rule none yet; on the nodes where it is missing what it does there (see the table of [ComponentDown](ComponentDown.md)).',
    confirm: [workloads, why, said, app],
    fix: [['only on one node', 'the node: NodeNotReady, NodePressure'], ['pods do not start', 'ComponentPodCannotRun'], ['a roll-out stands still', '`kubectl -n <namespace> rollout status deploy/<workload>`']], prevent: 'As for ComponentDown.',
  },
  {
    alert: 'ComponentPodCannotRun', meaning: 'A container of the platform crashes again and again, or cannot be started at all.', impact: 'What the component does on that node, or with that replica.',
    confirm: [why, said, app],
    fix: [['CrashLoopBackOff', 'its last words; OOMKilled: raise the limit in the values of its App'], ['ImagePullBackOff, ErrImagePull', 'the registry or its mirror: `image.registry` of the chart; pull secrets'], ['CreateContainerConfigError', 'a ConfigMap or Secret that is missing: the message names it'], ['it began with a new version', 'back: `version` of its App']], prevent: 'Mirrors that were filled with `keelson images list` before an upgrade.',
  },
  {
    alert: 'ComponentJobFailed', meaning: 'A job of the platform failed and will not be tried again.', impact: 'What it was to do was not done.',
    confirm: [['What did it say?', 'kubectl -n <namespace> logs job/<job_name> --tail=50'], ['Whose is it?', 'kubectl -n <namespace> describe job <job_name>']],
    fix: [['a passing fault', 'delete the Job: whoever made it makes it again'], ['it fails always', 'the component\'s own runbook or documentation']], prevent: '`backoffLimit` and `ttlSecondsAfterFinished`.',
  },
  {
    alert: 'ObjectStateNotSeen', meaning: 'kube-state-metrics may not, or cannot, list part of the objects it speaks of.', impact: 'Alerts on nodes, pods, volumes and components judge by old knowledge.',
    confirm: [['What does it say?', 'kubectl -n keelson-system logs deploy/kube-state-metrics --tail=50'], ['May it read?', 'kubectl auth can-i list pods -A --as=system:serviceaccount:keelson-system:kube-state-metrics']],
    fix: [['forbidden', '`kinds` of its chart and its ClusterRole do not agree: upgrade the App'], ['timeouts', 'ApiServerSlow']], prevent: 'Kinds only through the chart.',
  },
  {
    alert: 'CloudCallsFail', meaning: 'More than a fifth of what a component of the cluster asks of OpenStack fails.', impact: 'Load balancers, volumes, routes or addresses of nodes are not made.',
    confirm: [['Which calls, and why?', 'kubectl -n kube-system logs -l k8s-app=openstack-cloud-controller-manager --tail=50'], ['Does the credential still work?', 'openstack --os-cloud <cluster> token issue'], ['Does the cloud answer?', 'openstack catalog list']],
    fix: [['401', 'the application credential: ClusterCredentialMissing'], ['403, quota', 'the project\'s quota: `openstack quota show --usage`'], ['5xx, timeouts', 'CloudApiErrors: those who run the cloud'], ['404 of one object', 'somebody deleted it by hand; what asks for it says which']], prevent: 'Nobody changes by hand in the cloud what a cluster made.',
  },
  {
    alert: 'VolumeCallsFail', meaning: 'Calls of the volume driver fail.', impact: 'Pods with volumes do not start, or do not move.',
    confirm: [['Why?', 'kubectl -n kube-system logs -l app=openstack-cinder-csi --tail=50 --all-containers'], ['Where do volumes hang?', 'kubectl get volumeattachments'], ['What does the cloud say?', 'openstack volume list --long']],
    fix: [['already attached to another server', 'that server is gone or silent: NodeNotReady; `openstack server remove volume <server> <volume>` once it is off'], ['quota', 'the project\'s quota: `openstack quota show --usage`'], ['no valid host, another zone', 'the StorageClass\'s zone'], ['5xx', 'CloudApiErrors']], prevent: 'WaitForFirstConsumer.',
  },
  {
    alert: 'DnsForwardersBroken', meaning: 'CoreDNS finds none of the outer DNS servers healthy.', impact: 'Names outside the cluster are not resolved.',
    confirm: [['Which servers?', 'kubectl -n kube-system get configmap coredns -o yaml'], ['Do they answer?', 'kubectl debug node/<node> -it --image=busybox -- nslookup kubernetes.io']],
    fix: [['they answer from nodes, not from pods', 'egress of CoreDNS: network policy'], ['they do not answer', 'the DNS servers of the subnet (`network.dnsServers`): those who run the cloud']], prevent: 'Two servers.',
  },
  {
    alert: 'CoreDnsPanics', meaning: 'CoreDNS met a fault of its own.', impact: 'Each time one query was lost.',
    confirm: [['Where?', 'kubectl -n kube-system logs -l k8s-app=kube-dns --tail=200']], fix: [['always the same plugin', 'report it upstream with the trace; go back to the version of before']], prevent: 'Nothing.',
  },
  {
    alert: 'CiliumMapFull', meaning: 'A table of Cilium in the kernel of a node is nearly full.', impact: 'New connections, Services or policies have no place there and do not work.',
    confirm: [['Which, and where?', 'kubectl -n kube-system exec ds/cilium -- cilium-dbg map list'], ['How large may they be?', 'kubectl -n kube-system get configmap cilium-config -o yaml']],
    fix: [['ct4, ct6, nat', 'NodeConntrackFull; raise `bpf.ctTcpMax`, `bpf.natMax`'], ['policy', 'too many identities: labels that churn; `labels` of Cilium\'s configuration'], ['lb', '`bpf.lbMapMax`']], prevent: '`bpf.mapDynamicSizeRatio`.',
  },
  {
    alert: 'NetworkPolicyNotApplied', meaning: 'Cilium refused changes of network policies.', impact: 'What was to be allowed is not, or what was to be closed is open.',
    confirm: [['Which?', "kubectl get ciliumnetworkpolicies -A -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name} {.status}{\"\\n\"}{end}'"], ['What do agents say?', 'kubectl -n kube-system logs ds/cilium --tail=100']],
    fix: [['a malformed policy', 'mend it: `keelson policy network` finds most'], ['the table is full', 'CiliumMapFull']], prevent: '`keelson policy network` before a merge.',
  },
  {
    alert: 'PlatformVolumeFull', meaning: 'A volume of the platform has less than a twentieth left.', impact: 'What writes there stops; for Prometheus: nothing of the cluster is seen.',
    confirm: [['Which claim, how large?', 'kubectl -n <namespace> get pvc <persistentvolumeclaim>'], ['May its class grow?', 'kubectl get storageclass']],
    fix: [['allowVolumeExpansion', 'raise `spec.resources.requests.storage` of the claim, and the value of its chart'], ['Prometheus', 'shorter `prometheus.retention`, or fewer series: PrometheusTargetTooLarge'], ['it may not grow', 'a new volume: for Prometheus its data may go']], prevent: 'Sizes with a year of growth.',
  },
  {
    alert: 'VolumeClaimWaits', meaning: 'A claim has no volume, or lost it.', impact: 'Its pods do not start.',
    confirm: [['Why?', 'kubectl -n <namespace> describe pvc <persistentvolumeclaim>'], ['Is there a class?', 'kubectl get storageclass']],
    fix: [['waiting for first consumer', 'no pod uses it: fine, or forgotten'], ['ProvisioningFailed', 'VolumeCallsFail, the project\'s quota: `openstack quota show --usage`'], ['Lost', 'its volume was deleted: restore from a backup']], prevent: 'A default class.',
  },
  {
    alert: 'VolumeFull', meaning: 'A volume of yours has less than a twentieth left.', impact: 'What writes there stops when it is full.',
    confirm: [['Which claim, how large?', 'kubectl -n <namespace> get pvc <persistentvolumeclaim>'], ['Who mounts it?', 'kubectl -n <namespace> describe pvc <persistentvolumeclaim>']],
    fix: [['the class may grow (allowVolumeExpansion)', 'raise `spec.resources.requests.storage` of the claim'], ['old data', 'delete it']], prevent: 'An alert of your own at a fifth.', escalate: tenantEscalation,
  },
  {
    alert: 'ContainersCannotRun', meaning: 'Containers of a namespace of yours have not run for half an hour.', impact: 'What they do.',
    confirm: [['Which?', 'kubectl -n <namespace> get pods'], why, said],
    fix: [['CrashLoopBackOff', 'their last words'], ['ImagePullBackOff', 'name of the image, rights at its registry'], ['CreateContainerConfigError', 'a ConfigMap or Secret that is missing']], prevent: 'Roll-outs that are watched until they end.', escalate: tenantEscalation,
  },
  {
    alert: 'NamespaceQuotaFull', meaning: 'A namespace of yours uses nearly all of a quota.', impact: 'New pods are refused, those of a roll-out too.',
    confirm: [['Which?', 'kubectl -n <namespace> describe resourcequota'], ['Who uses it?', 'kubectl -n <namespace> top pods']],
    fix: [['requests far above use', 'lower them'], ['rightful', 'ask the owner of the organization for more']], prevent: 'Requests near what is used.', escalate: tenantEscalation,
  },
  {
    alert: 'PolicyDenials', meaning: 'A policy refuses requests again and again: a controller tries what it may not do.', impact: 'What it tries to make is not there.',
    confirm: [['What was refused?', 'kubectl get events -A --field-selector reason=FailedCreate --sort-by=.lastTimestamp'], ['What does the policy ask?', 'kubectl get validatingadmissionpolicy <policy> -o yaml'], ['What would it say to your manifest?', 'keelson policy pods <file>']],
    fix: [['the workload can do without', 'mend it: the message names the field'], ['it cannot', 'an exception: `pods.exceptions` of the chart policies, with owner and end']], prevent: '`keelson policy pods` before a merge.', escalate: tenantEscalation,
  },
  {
    alert: 'PolicyCannotJudge', meaning: 'A policy failed while it judged.', impact: 'By its failurePolicy the request was refused, or let through unjudged.',
    confirm: [['What does it say?', 'kubectl get validatingadmissionpolicy <policy> -o yaml'], ['And Kyverno?', 'kubectl -n kyverno logs deploy/kyverno-admission-controller --tail=50'], ['And the API server?', 'kubectl -n kube-system logs -l component=kube-apiserver --tail=100']],
    fix: [['an expression over a field that is not there', 'a fault of the policy: report it with the object; meanwhile bind it with `validationActions: [Audit]`'], ['Kyverno does not answer', 'WebhookFails']], prevent: 'The policies of the chart are proved against the API server.',
  },
  {
    alert: 'PolicyExceptionExpires', meaning: 'An exception from policies ends within two weeks.', impact: 'After that pods of the workload are refused when they are made anew, at the next drain at the latest.',
    confirm: [['Which, and who answers for it?', 'helm -n keelson-system get values policies'], ['Does the workload still need it?', 'keelson policy pods <file>']],
    fix: [['it does not', 'remove the exception'], ['it does', 'its owner renews it, with a ticket: `expires` in `pods.exceptions`']], prevent: 'Ends that fit the plan to mend the workload.',
  },
];

/** Runbooks about the life of clusters, their clouds, their reports, the watchers, and Keelson itself. Mostly typed on the management cluster. */
import type { Look, Runbook } from './model.ts';

const at = 'management' as const;
const page: Look = ['What does Keelson say of it, on one page?', 'keelson cluster status <cluster> -n <org-namespace>'];
const conditions: Look = ['What do its conditions say?', "kubectl -n <org-namespace> get cluster <cluster> -o jsonpath='{range .status.conditions[*]}{.type}={.status} {.reason} {.message}{\"\\n\"}{end}'"];
const machines: Look = ['Which machines does it have?', 'kubectl -n <org-namespace> get machines -l cluster.x-k8s.io/cluster-name=<cluster> -o wide'];
const operatorLog: Look = ['What does the operator say?', 'kubectl -n keelson-system logs deploy/keelson-operator --tail=100'];
const capoLog: Look = ['What does the provider of OpenStack say?', 'kubectl -n capi-system logs deploy/capo-controller-manager --tail=50'];
const targets: Look = ['What does the scrape say?', "kubectl get --raw '/api/v1/namespaces/keelson-system/services/prometheus-operated:web/proxy/api/v1/targets?state=active'"];
const alertmanagerLog: Look = ['What does Alertmanager say?', 'kubectl -n keelson-system logs alertmanager-keelson-0 -c alertmanager --tail=50'];
const prometheusLog: Look = ['What does Prometheus say?', 'kubectl -n keelson-system logs prometheus-keelson-0 -c prometheus --tail=50'];
const cloudEscalation = 'To those who run the cloud, with the request ids that the logs show.';

export const fleetRunbooks: readonly Runbook[] = [
  {
    alert: 'ClusterCreationStuck', at, meaning: 'A cluster was asked for 45 minutes ago and is not there.', impact: 'Whoever waits for it.',
    confirm: [page, conditions, machines, capoLog],
    fix: [['PreflightPassed=False', 'ClusterPreflightRefused'], ['the first control plane machine does not come up', '`openstack console log show <machine>`: cloud-init names the step that failed'], ['machines run, nodes are missing', 'AppsReady: the cloud controller manager or the pod network'], ['the cloud refuses', 'CloudApiErrors, the project\'s quota: `openstack quota show --usage`']], prevent: '`keelson preflight` before it is asked for.',
  },
  {
    alert: 'ClusterUpgradeStuck', at, meaning: 'A cluster began to change its machines 45 minutes ago and has not ended. From now on its other alerts are not hidden any more.', impact: 'No machine of it is repaired meanwhile; its control plane may have one member less.',
    confirm: [page, conditions, machines, ['What holds a drain up? (in the cluster)', 'kubectl get poddisruptionbudget -A']],
    fix: [['a drain waits', 'a PodDisruptionBudget that allows nothing: agree with its owner; `nodeDrainTimeout` ends it'], ['the new machine does not come up', 'its console; the image: `keelson image check-script`'], ['etcd has no room for another member', 'EtcdQuorumAtRisk first'], ['it must go back', 'set the former `version` or values in the Cluster: `keelson cluster plan` shows what that rolls']], prevent: '`keelson cluster plan` before; PodDisruptionBudgets that allow one.',
  },
  {
    alert: 'ClusterDeletionStuck', at, meaning: 'A cluster was to be deleted 45 minutes ago and is still there.', impact: 'It costs money, and its name is taken.',
    confirm: [page, conditions, ['What is still there?', 'kubectl -n <org-namespace> get machines,openstackmachines,openstackclusters,apps -l cluster.x-k8s.io/cluster-name=<cluster>'], operatorLog],
    fix: [['CloudCleaned=False', 'its message lists what is left, or whose port blocks the network: delete that'], ['CloudCleaned: RemovingApps', 'the Apps it names say themselves why they are still there; after a quarter of an hour the operator goes on without, but waits for those that carry `keelson.dev/prevent-deletion`: remove the label'], ['its API does not answer', 'workloads cannot be removed through it; after five minutes of silence the operator goes on without'], ['the credential is gone', 'create the Secret again; or the annotation `keelson.dev/abandon-cloud`, and clean up by hand'], ['never', 'remove finalizers by hand before the cloud is clean']], prevent: 'Credentials that outlive their clusters.',
  },
  {
    alert: 'ClusterNotAvailable', at, meaning: 'Cluster API says that the cluster is not available: control plane or too many workers do not do their work.', impact: 'Those who work in it, or use what runs there.',
    confirm: [page, conditions, machines, ['Does its API answer?', 'kubectl --kubeconfig <(keelson cluster kubeconfig <cluster>) get --raw /readyz']],
    fix: [['ControlPlaneAvailable=False', 'ClusterApiDown, EtcdNoLeader, EtcdMemberDown'], ['WorkersAvailable=False', 'NodesNotReady'], ['TopologyReconciled=False', 'ClusterTopologyNotReconciled'], ['RemoteConnectionProbe=False', 'ClusterNotReachedByClusterApi']], prevent: 'Three control plane nodes in three zones.',
  },
  {
    alert: 'ClusterTopologyNotReconciled', at, meaning: 'Cluster API does not carry out what the Cluster says.', impact: 'No change reaches its machines; it runs on.',
    confirm: [conditions, ['Does the topology extension answer?', 'kubectl -n keelson-system get pods -l app.kubernetes.io/component=topology-extension'], ['What does Cluster API say?', 'kubectl -n capi-system logs deploy/capi-controller-manager --tail=50']],
    fix: [['the extension fails', 'TopologyHooksFail, TopologyExtensionDown'], ['ClusterClassNotReconciled', 'ClusterClassOutputChanged'], ['a hook blocks', 'its message says what it waits for; before an upgrade: ClusterPreflightRefused'], ['a value is refused', 'mend the Cluster: `keelson cluster plan`']], prevent: '`keelson cluster plan` before a change.',
  },
  {
    alert: 'ControlPlaneMachinesNotReady', at, meaning: 'A machine of the control plane has not been ready for half an hour, and was not replaced.', impact: 'etcd may have one member less.',
    confirm: [machines, ['What does the control plane provider say?', 'kubectl -n capi-system logs deploy/capi-kubeadm-control-plane-controller-manager --tail=50'], ['Are replacements under way?', 'kubectl -n <org-namespace> get kubeadmcontrolplane']],
    fix: [['too few members for a removal', 'EtcdQuorumAtRisk: bring the lost one back'], ['the server is ERROR', 'delete the Machine'], ['provider waits', 'its log names the condition']], prevent: 'Three control plane nodes.',
  },
  {
    alert: 'WorkerMachinesNotReady', at, meaning: 'A worker machine has not been ready for half an hour, and was not replaced.', impact: 'Less room; its pods run elsewhere.',
    confirm: [machines, ['What do health checks say?', 'kubectl -n <org-namespace> get machinehealthchecks']],
    fix: [['too many unhealthy', 'NodesNotReady'], ['the server is ERROR, quota', 'the project\'s quota: `openstack quota show --usage`'], ['deleting for long', 'a drain: ClusterUpgradeStuck']], prevent: 'Room for one node more.',
  },
  {
    alert: 'ClusterNotReachedByClusterApi', at, meaning: 'Cluster API does not reach the API server of the cluster.', impact: 'Its machines are neither judged, drained nor replaced by health checks.',
    confirm: [conditions, ['Does it answer from here?', 'kubectl --kubeconfig <(keelson cluster kubeconfig <cluster>) get --raw /readyz'], ['What does Cluster API say?', 'kubectl -n capi-system logs deploy/capi-controller-manager --tail=50']],
    fix: [['nobody reaches it', 'ClusterApiDown'], ['x509 or 401', 'the Secret <cluster>-kubeconfig: delete it, the control plane provider makes it again'], ['only from the management cluster', '`api.loadBalancer.allowedCidrs` and the management cluster\'s address']], prevent: 'The management cluster\'s addresses in every allow-list.',
  },
  {
    alert: 'ClusterPaused', at, meaning: 'A cluster has been paused for a day.', impact: 'Nothing there is repaired, changed or deleted.',
    confirm: [['Who did it?', 'kubectl -n <org-namespace> get cluster <cluster> -o yaml --show-managed-fields']],
    fix: [['forgotten', "`kubectl -n <org-namespace> patch cluster <cluster> --type merge -p '{\"spec\":{\"paused\":false}}'`; see with `keelson cluster plan` what happens then"], ['on purpose', 'a silence with an end']], prevent: 'Whoever pauses makes a silence with an end.',
  },
  {
    alert: 'ClusterPreflightRefused', at, meaning: 'The cloud lacks something that the cluster needs, so it is not made or upgraded.', impact: 'Whoever waits for it; what runs goes on.',
    confirm: [conditions, ['The same again, in full', 'keelson preflight --kubeconfig <file> <cluster.yaml>']], fix: [['each finding', 'names field, cause and remedy'], ['quota', 'the project\'s quota: `openstack quota show --usage`']], prevent: '`keelson preflight` before it is asked for.',
  },
  {
    alert: 'ClusterCredentialMissing', at, meaning: 'No application credential can be made for the cluster.', impact: 'When the one it has ends: no load balancers, no volumes.',
    confirm: [conditions, operatorLog, ['What does the identity service say?', 'openstack application credential list']],
    fix: [['the cloud forbids it', 'give one: Secret <cluster>-cloud-credential, or the annotation `keelson.dev/workload-credential`'], ['the identity has expired', 'a new one in the Secret of the Cluster\'s identityRef']], prevent: 'Identities without an end, in projects of their own.',
  },
  {
    alert: 'CloudZoneDown', at, meaning: 'Three or more clusters of a region do not reach one and the same zone.', impact: 'A third of the nodes of all clusters there, and a member of each control plane.',
    confirm: [['Which clusters?', 'keelson status'], ['What does the cloud say?', 'openstack availability zone list --compute --long'], ['Do servers there run?', 'openstack server list --availability-zone <zone> -c Name -c Status -c Host']],
    fix: [['the zone is down', 'tell those who run the cloud; then wait: clusters with three zones go on'], ['only its network', 'the same'], ['meanwhile', 'no upgrade, no scaling, no deletion of machines: etcd has no member to spare'], ['afterwards', 'EtcdMemberDown and NodeNotReady tell who did not come back']], prevent: 'Three zones that fail apart.', escalate: 'At once, to those who run the cloud; tell the owners of the clusters.',
  },
  {
    alert: 'CloudDown', at, meaning: 'More than half of the clusters of a region do not answer at their API.', impact: 'Everybody who uses a cluster there.',
    confirm: [['Is it the cloud, or the way from here?', 'openstack catalog list'], ['Does anything there answer?', 'openstack loadbalancer list -c name -c provisioning_status -c operating_status'], ['From elsewhere?', 'curl -sk https://<endpoint>/readyz']],
    fix: [['answers from elsewhere', 'the management cluster\'s way out: its router, its address in allow-lists'], ['load balancers in ERROR', 'those who run the cloud; `openstack loadbalancer failover <id>` one by one'], ['nothing of the cloud answers', 'wait, and tell the owners of clusters']], prevent: 'A management cluster per region.', escalate: 'At once, to those who run the cloud; tell the owners of the clusters.',
  },
  {
    alert: 'CloudQuotaNearEnd', at, meaning: 'A quota of an OpenStack project that clusters are in is nearly used up.', impact: 'None yet. What is asked for beyond it is refused: clusters do not grow; an upgrade and a repair need one machine more than there is.',
    confirm: [['What is used, of all?', 'openstack quota show --usage <project>'], ['By which clusters?', 'kubectl get machines -A'], ['By something else?', 'openstack server list --project <project>']],
    fix: [['rightful', 'raise it: those who run the cloud; or another project for the next cluster'], ['left behind by clusters that are gone', 'CloudCleaned of their Cluster says what; names with `keelson-` and 16 hex digits are of one cluster'], ['an autoscaler', 'its maximum, in the Cluster'], ['ports, security group rules', 'one per machine and load balancer: as machines']], prevent: '`keelson preflight` says before a cluster is made whether it fits; quotas with room for two more of the largest machine.', escalate: 'Those who run the cloud, when nobody here may raise it.',
  },
  {
    alert: 'CloudQuotaNotRead', at, meaning: 'Nobody has answered for half an hour what a project may have and has.', impact: 'That a quota ends would not be seen.',
    confirm: [operatorLog, ['Do the credentials work?', 'openstack --os-cloud openstack token issue'], ['May they see quotas?', 'openstack quota show --usage']],
    fix: [['CLOUD_UNAUTHORIZED', 'the Secret that the Cluster names: the credentials have ended or were changed'], ['CLOUD_FORBIDDEN', 'the role of the credentials: the policy of the cloud hides quotas from it'], ['CLOUD_SECRET_INVALID', 'the condition PreflightPassed of the Cluster names the Secret'], ['CLOUD_TIMEOUT, CLOUD_FAILED', 'CloudApiErrors']], prevent: 'Nothing.',
  },
  {
    alert: 'CloudApiErrors', at, meaning: 'More than a fifth of what our controllers ask of OpenStack fails.', impact: 'Clusters are neither made, changed nor repaired.',
    confirm: [capoLog, operatorLog, ['Does the cloud answer?', 'openstack catalog list']],
    fix: [['401', 'an identity that expired: the Secret that the log names'], ['403, 413, quota', 'the project\'s quota: `openstack quota show --usage`'], ['429', 'fewer at a time: the provider\'s `--openstackmachine-concurrency`'], ['5xx, timeouts', 'those who run the cloud']], prevent: 'Nothing here.', escalate: cloudEscalation,
  },
  {
    alert: 'ClusterApiDown', at, meaning: 'The API server of the cluster has not answered /readyz for three minutes, asked from the management cluster.', impact: 'Nothing there can be changed, seen or repaired; what runs goes on. Its metrics come through its API: none of its other alerts can fire.',
    confirm: [['What does it say?', 'kubectl --kubeconfig <(keelson cluster kubeconfig <cluster>) get --raw \'/readyz?verbose\''], page, machines, ['And its load balancer?', 'openstack loadbalancer status show <id>']],
    fix: [['connection refused or timeout, all control plane servers ACTIVE', 'the load balancer: `openstack loadbalancer failover <id>`; security groups'], ['servers SHUTOFF or ERROR', '`openstack server start <name>`, one after the other'], ['401 or 403', 'the probe\'s own rights; the API is up'], ['/readyz fails on etcd', 'EtcdNoLeader'], ['x509', 'its serving certificate: CertificateExpiresSoon'], ['only from here', '`api.loadBalancer.allowedCidrs` and the management cluster\'s address']], prevent: 'Three control plane nodes in three zones.',
  },
  {
    alert: 'FederationPathDown', at, meaning: "The cluster's API answers, but the aggregates that its Prometheus recorded do not come through it.", impact: 'None yet, but none of the cluster\'s alerts can fire: treat it as unobserved, not as healthy.',
    confirm: [targets, ['Secret and ScrapeConfig', 'kubectl -n keelson-system get scrapeconfig,secret -l keelson.dev/federation=true'], operatorLog, ['Does the proxy run? (in the cluster)', 'kubectl -n keelson-system get pods -l app.kubernetes.io/name=keelson-federation'], ['May the reader ask? (in the cluster)', 'kubectl auth can-i get services/keelson-federation:http --subresource=proxy -n keelson-system --as system:serviceaccount:keelson-system:keelson-federation-reader']],
    fix: [['401', 'delete the Secret `federation-<org-namespace>.<cluster>`: the operator makes token and CA anew'], ['403', 'the Role keelson-federation-reader: the App workload-monitoring installs it'], ['x509', 'as for 401; the cluster got another CA'], ['503, no endpoints available', 'the proxy does not run: describe its pod; the App workload-monitoring'], ['sample limit, body size limit or label limit exceeded', 'somebody records keelson:* with a wide label: `topk(5, count by (__name__) ({__name__=~"keelson:.*"}))` in its Prometheus; remove that rule, do not raise the limit']], prevent: 'Nothing special: the operator keeps both ends.',
  },
  {
    alert: 'ClusterPrometheusDown', meaning: 'The federation proxy of the cluster answers, and the Prometheus behind it does not.', impact: 'None yet, but none of the cluster\'s alerts can fire.',
    confirm: [['Does it run?', 'kubectl -n keelson-system get prometheus,pods -l app.kubernetes.io/managed-by=prometheus-operator'], prometheusLog, ['What does its operator say?', 'kubectl -n keelson-system logs deploy/prometheus-operator --tail=30']],
    fix: [['OOMKilled', 'raise `prometheus.resources` in the values of workload-monitoring; which job grew: `topk(10, count by (job) ({__name__=~".+"}))`'], ['its volume is full', 'PlatformVolumeFull'], ['no pod', 'the Prometheus object and prometheus-operator'], ['it replays its log', 'wait some minutes']], prevent: 'Keep lists as the chart has them.',
  },
  {
    alert: 'ClusterHeartbeatMissing', meaning: 'What the cluster reports was evaluated more than five minutes ago by its own clock.', impact: 'None yet, but none of the cluster\'s alerts can be trusted.',
    confirm: [['Does it evaluate?', "kubectl get --raw '/api/v1/namespaces/keelson-system/services/prometheus-operated:web/proxy/api/v1/query?query=time()-keelson:heartbeat_timestamp:max'"], prometheusLog, ['How does its clock stand?', 'kubectl -n keelson-system exec prometheus-keelson-0 -c prometheus -- date -u']],
    fix: [['the clock is wrong', 'ClockOff'], ['it is stopped or hangs', '`kubectl -n keelson-system delete pod prometheus-keelson-0`'], ['rules were not loaded', 'PrometheusConfigurationRefused']], prevent: 'Time servers on all nodes.',
  },
  {
    alert: 'ClusterNotFederated', at, meaning: 'The operator knows a cluster that runs, and the management Prometheus has no scrape for it.', impact: 'None yet; the cluster is not watched at all.',
    confirm: [['Is its monitoring installed?', 'kubectl -n <org-namespace> get apps'], ['Is there a ScrapeConfig?', 'kubectl -n keelson-system get scrapeconfig -l cluster.x-k8s.io/cluster-name=<cluster>'], operatorLog],
    fix: [['the App workload-monitoring is not Ready', 'AppNotReady'], ['no ScrapeConfig', 'the operator: OperatorDown; its log for this cluster'], ['a ScrapeConfig, no target', 'PrometheusConfigurationRefused, PrometheusOperatorFails']], prevent: 'Nothing.',
  },
  {
    alert: 'ClusterRecordsMissing', meaning: 'The cluster reports, and nothing on its nodes and pods.', impact: 'Alerts on nodes, components and volumes cannot fire.',
    confirm: [['Does kube-state-metrics run?', 'kubectl -n keelson-system get deploy,pods -l app.kubernetes.io/name=kube-state-metrics'], targets],
    fix: [['it does not run', 'ComponentDegraded; its App'], ['it is not scraped', 'its ServiceMonitor: `serviceMonitor.enabled`']], prevent: 'Nothing.',
  },
  {
    alert: 'FederationNearLimit', meaning: 'The cluster sends nearly as many series as are taken.', impact: 'Beyond the limit nothing of it is taken.',
    confirm: [['Which are many? (in its Prometheus)', "kubectl get --raw '/api/v1/namespaces/keelson-system/services/prometheus-operated:web/proxy/api/v1/query?query=topk(10,count%20by(__name__)({__name__=~%22keelson:.%2B%22}))'"], ['Which rules are not ours?', 'kubectl -n keelson-system get prometheusrules']],
    fix: [['a rule of somebody else', 'rename its records: only keelson:* leaves the cluster'], ['ours', 'report it: records have bounds']], prevent: 'The lint adds the bounds up.',
  },
  {
    alert: 'PrometheusRulesFail', meaning: 'Prometheus cannot evaluate some rules.', impact: 'What they record or alert on is not seen.',
    confirm: [prometheusLog, ['Which?', "kubectl get --raw '/api/v1/namespaces/keelson-system/services/prometheus-operated:web/proxy/api/v1/rules?health=err'"]],
    fix: [['many-to-many matching', 'two series where one was meant: the message names labels; report it with them'], ['timeout', 'PrometheusOverloaded']], prevent: 'promtool tests for own rules.',
  },
  {
    alert: 'PrometheusOverloaded', meaning: 'Prometheus takes longer for its rules than the time between two evaluations.', impact: 'Alerts come late or never.',
    confirm: [['Which rules are slow?', "kubectl get --raw '/api/v1/namespaces/keelson-system/services/prometheus-operated:web/proxy/api/v1/query?query=topk(5,prometheus_rule_group_last_duration_seconds)'"], ['How busy is it?', 'kubectl -n keelson-system top pods']],
    fix: [['CPU or memory at its limit', 'raise `prometheus.resources`'], ['series grew', 'which job: `topk(10, count by (job) ({__name__=~".+"}))`; a keep list'], ['a thousand clusters', 'shards: docs/monitoring.md']], prevent: 'The bench says what a size carries.',
  },
  {
    alert: 'PrometheusTargetTooLarge', meaning: 'Scrapes are refused because a target sends more samples than its limit.', impact: 'Nothing of that target is stored.',
    confirm: [targets], fix: [['a federated cluster', 'FederationNearLimit'], ['another target', 'drop what nobody reads with metricRelabelings; then the limit']], prevent: 'Keep lists.',
  },
  {
    alert: 'PrometheusStorageFails', meaning: 'Prometheus cannot compact its store.', impact: 'Soon it cannot write.',
    confirm: [prometheusLog, ['Is its volume full?', 'kubectl -n keelson-system exec prometheus-keelson-0 -c prometheus -- df -h /prometheus']],
    fix: [['full', 'PlatformVolumeFull'], ['corrupt block', 'move the block the log names aside'], ['read-only', 'NodeDiskReadOnly']], prevent: 'A volume with a fifth to spare.',
  },
  {
    alert: 'PrometheusConfigurationRefused', meaning: 'Prometheus refuses its last configuration and goes on with the one before.', impact: 'New scrapes and rules are not there.',
    confirm: [prometheusLog, ['What does prometheus-operator say?', 'kubectl -n keelson-system logs deploy/prometheus-operator --tail=50']],
    fix: [['a rule that does not parse', 'the PrometheusRule it names'], ['a scrape', 'the ServiceMonitor or ScrapeConfig it names']], prevent: 'The admission webhook of prometheus-operator.',
  },
  {
    alert: 'PrometheusOperatorFails', meaning: 'prometheus-operator fails again and again.', impact: 'Changes of what is watched are not taken over.',
    confirm: [['What does it say?', 'kubectl -n keelson-system logs deploy/prometheus-operator --tail=50']],
    fix: [['forbidden', 'its ClusterRole: upgrade its App'], ['invalid', 'the object that it names']], prevent: 'Nothing.',
  },
  {
    alert: 'AlertsNotDelivered', at, meaning: 'The management Prometheus cannot give part of its alerts to an Alertmanager.', impact: 'When it fails with all replicas, nobody is told of anything.',
    confirm: [prometheusLog, ['Does Alertmanager run?', 'kubectl -n keelson-system get alertmanager,pods -l app.kubernetes.io/name=alertmanager'], alertmanagerLog],
    fix: [['does not run', 'describe its pod; AlertmanagerConfigurationRefused'], ['runs, is not reached', 'network policy on 9093']], prevent: 'Two replicas.', escalate: 'Watch the alerts by hand until it is mended: `kubectl -n keelson-system port-forward svc/keelson-prometheus 9090`.',
  },
  {
    alert: 'NotificationsFail', at, meaning: 'Alertmanager cannot send part of its messages by one kind of receiver. This page came over the second way.', impact: 'Pages may be lost.',
    confirm: [alertmanagerLog, ['What waits?', 'kubectl -n keelson-system exec alertmanager-keelson-0 -c alertmanager -- amtool alert query --alertmanager.url=http://localhost:9093']],
    fix: [['401, 403', 'the key: the Secret that the receiver\'s file comes from'], ['404', 'the address'], ['429', 'too many messages: what fires so much? group'], ['timeout', 'egress: network policy, proxy; the service\'s own status page']], prevent: 'A second way of another kind (`secondWay`).', escalate: 'Tell whoever is on call by telephone that pages may be missing.',
  },
  {
    alert: 'AlertmanagerConfigurationRefused', at, meaning: 'Alertmanager refuses its last configuration.', impact: 'Routes are those of before; after a restart it would not start.',
    confirm: [alertmanagerLog, ['What does it refuse?', 'amtool check-config <alertmanager.yaml>']],
    fix: [['the routing was changed', 'mend it: `keelson alerts lint --routing <routing.yaml>`, then `keelson alerts render`'], ['a file of a secret is not there', 'mount it: `alertmanager.secrets`']], prevent: '`keelson alerts lint` before a change.',
  },
  {
    alert: 'AlertmanagersDisagree', at, meaning: 'The replicas of Alertmanager do not see one another.', impact: 'Messages come twice; a silence holds in one only.',
    confirm: [alertmanagerLog, ['Do they run?', 'kubectl -n keelson-system get pods -l app.kubernetes.io/name=alertmanager -o wide']],
    fix: [['network policy or security group on 9094, TCP and UDP', 'open it between them'], ['one does not run', 'describe its pod']], prevent: 'Nothing.',
  },
  {
    alert: 'AlertmanagerNotReached', at, meaning: 'An Alertmanager does not answer the operator, or refuses the silences that it is given.', impact: 'Silences and maintenance windows that are new do not hold there, and ones that were deleted still do. Where the others of the pair are reached, they tell it.',
    confirm: [['Does it run?', 'kubectl -n keelson-system get pods -l app.kubernetes.io/name=alertmanager -o wide'], operatorLog, alertmanagerLog],
    fix: [['it does not run', 'describe its pod; AlertmanagerConfigurationRefused'], ['it runs, and the operator says ECONNREFUSED or nothing within 5 s', 'network policy on 9093 from the operator'], ['status 400', 'the message names the silence; the next release should not have written it: report it'], ['ENOTFOUND', '`operator.alertmanagers` of the chart keelson']], prevent: 'Two replicas.',
  },
  {
    alert: 'SilenceNotDelivered', at, meaning: 'A Silence or MaintenanceWindow is not in every Alertmanager.', impact: 'People are told of what it should keep from them.',
    confirm: [['Why?', 'kubectl -n <silence_namespace> describe silences,maintenancewindows'], operatorLog],
    fix: [['NotDelivered', 'the message names the Alertmanager: AlertmanagerNotReached'], ['NoAlertmanager', '`operator.alertmanagers` of the chart keelson; is the chart monitoring installed?'], ['it cannot wait', '`amtool silence add` in the pod of Alertmanager; what people silence by hand stays']], prevent: 'Nothing.',
  },
  {
    alert: 'OperatorDown', at, meaning: 'No replica of the Keelson operator answers.', impact: 'Clusters get no components, certificates, credentials or clean-up; what runs goes on.',
    confirm: [['Are there pods?', 'kubectl -n keelson-system get deploy,pods -l app.kubernetes.io/component=operator'], ['Why do they not run?', 'kubectl -n keelson-system describe pods -l app.kubernetes.io/component=operator'], operatorLog],
    fix: [['0 replicas', '`kubectl -n keelson-system scale deploy keelson-operator --replicas 2`'], ['crashes with a code', 'the log names it and what to do'], ['it began with a new version', '`helm -n keelson-system rollback keelson`'], ['runs and is ready', 'only its metrics are away: network policy, ServiceMonitor']], prevent: 'Two replicas on two nodes.',
  },
  {
    alert: 'OperatorNotLeading', at, meaning: 'Not exactly one replica of the operator holds its Lease.', impact: 'With none nothing is done.',
    confirm: [['Who holds it?', "kubectl -n keelson-system get lease keelson-operator -o jsonpath='{.spec.holderIdentity} {.spec.renewTime}{\"\\n\"}'"], operatorLog],
    fix: [['renewTime is old, the holder runs', 'it hangs: delete that pod'], ['cannot update the Lease', 'its Role, or the API server: ApiServerErrorsBurnBudget'], ['two', 'a clock that is wrong: ClockOff; delete the one whose name is not in the Lease']], prevent: 'Nothing.',
  },
  {
    alert: 'ReconcilesFail', at, meaning: 'More than half of what a controller tried has failed, for half an hour.', impact: 'Its objects stay as they are.',
    confirm: [operatorLog, ['And Cluster API?', 'kubectl -n capi-system logs deploy/capi-controller-manager --tail=50'], capoLog],
    fix: [['always the same object', 'the message names it and what to do'], ['forbidden', 'roles: `helm -n keelson-system status keelson`; upgrade the chart'], ['the cloud', 'CloudApiErrors'], ['the API server', 'ApiServerErrorsBurnBudget']], prevent: 'Nothing.',
  },
  {
    alert: 'QueueStuck', at, meaning: 'More than fifty objects have waited for a controller all the time.', impact: 'What it does is late.',
    confirm: [operatorLog, ['How busy is it?', 'kubectl -n keelson-system top pods']],
    fix: [['a worker hangs', 'delete the pod that leads: another takes over'], ['CPU at its limit', 'raise it; more `--workers`'], ['it fails', 'ReconcilesFail']], prevent: 'Nothing.',
  },
  {
    alert: 'CachesNotRefreshed', at, meaning: 'A process of Keelson cannot list or watch a kind.', impact: 'It works with what it saw last.',
    confirm: [operatorLog, ['Is the kind served?', 'kubectl api-resources'], ['May it?', 'kubectl auth can-i list clusters.cluster.x-k8s.io -A --as=system:serviceaccount:keelson-system:keelson-operator']],
    fix: [['forbidden', 'roles: upgrade the chart'], ['not served', 'a CRD was removed: `helm -n keelson-system status cluster-api`'], ['timeouts', 'ApiServerSlow']], prevent: 'Nothing.',
  },
  {
    alert: 'TopologyHooksFail', at, meaning: 'The topology extension meets a fault of its own when Cluster API calls it.', impact: 'The clusters concerned stand still; what runs goes on.',
    confirm: [['What does it say?', 'kubectl -n keelson-system logs -l app.kubernetes.io/component=topology-extension --tail=100'], ['Which clusters?', 'kubectl get clusters -A']],
    fix: [['always one cluster', 'a value that no check refused: report it with the Cluster; set it otherwise meanwhile'], ['all', '`helm -n keelson-system rollback keelson`']], prevent: '`keelson cluster plan` uses the same code.',
  },
  {
    alert: 'TopologyHooksSlow', at, meaning: 'A hook of the topology extension takes more than two seconds.', impact: 'At ten seconds Cluster API counts it as failed.',
    confirm: [['How busy is it?', 'kubectl -n keelson-system top pods'], ['Which clusters does it ask the cloud for?', 'kubectl -n keelson-system logs -l app.kubernetes.io/component=topology-extension --tail=100']],
    fix: [['CPU at its limit', 'raise it; a third replica'], ['BeforeClusterCreate or BeforeClusterUpgrade', 'the cloud is slow: CloudApiErrors']], prevent: 'Nothing.',
  },
  {
    alert: 'TopologyCertificateExpires', at, meaning: 'The serving certificate of the topology extension is about to end and was not renewed.', impact: 'At its end Cluster API trusts no answer: every cluster stands still.',
    confirm: [['When?', "kubectl -n keelson-system get secret keelson-topology-extension-tls -o jsonpath='{.data.tls\\.crt}' | base64 -d | openssl x509 -noout -dates"], operatorLog],
    fix: [['the operator does not run', 'OperatorDown'], ['it runs', '`kubectl -n keelson-system delete secret keelson-topology-extension-tls`: it is made anew'], ['the Secret is new, the process serves the old one', 'restart: `kubectl -n keelson-system rollout restart deploy/keelson-topology-extension`']], prevent: 'Nothing: the operator renews it.',
  },
  {
    alert: 'AppNotReady', at, meaning: 'An App has not been Ready for half an hour, and waits for nothing else.', impact: 'What the component does in that cluster.',
    confirm: [['What does it say?', 'kubectl -n <org-namespace> describe app <app>'], operatorLog, ['What does Helm say? (in the cluster)', 'helm -n <namespace> history <release>']],
    fix: [['ValuesInvalid', 'the message names the key'], ['ChartNotFound', '`spec.chart`, `spec.version`, the Catalog'], ['InstallFailed', 'the last line of Helm: a webhook, a policy, a right'], ['Unhealthy', 'the workload it names: ComponentDegraded']], prevent: '`keelson app diff` before a change.',
  },
  {
    alert: 'AppDrifted', at, meaning: 'Something in the cluster is not as the release of an App says, since the last comparison; it is made every six hours.', impact: 'None yet; the next upgrade of the App overwrites the change or fails on it.',
    confirm: [['What differs, and who did it?', 'kubectl -n <namespace> describe app <app>'], ['As a comparison?', 'keelson app diff <app> -n <namespace>']],
    fix: [['somebody mended something by hand', 'put it into the values of the App'], ['an operator of your own does it', '`spec.drift.ignoreManagers` of the App'], ['it is meant, for good', '`spec.drift.ignoreFields` of the App'], ['nobody knows', '`spec.drift.correct: true` takes it back'], ['it was mended a moment ago', 'compare now: annotate the App with keelson.dev/requested-at and any new value']], prevent: 'Changes through the App alone: rights in the cluster that do not reach the platform\'s namespaces.',
  },
];

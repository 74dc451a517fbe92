/** What the recorded expositions cannot show, and why: the test lets nothing else differ. */

/** Components of the catalogue that do not run where the others are recorded. */
export const notRun: Readonly<Record<string, string>> = {
  cilium: 'its agent needs a kernel of its own with BPF; names after https://docs.cilium.io/en/stable/observability/metrics/',
  'cinder-csi': 'no tool of the sandbox is built from it',
  kyverno: 'the tool of the sandbox is its command line, which serves no metrics',
  'keelson-federation': 'one series, which the proxy adds to an answer: test/provisioner/federation-proxy',
  policies: 'a record of the chart policies: test/charts/policies',
};

/** Labels, by `component family label`, that the recorded program had nothing to put in for. */
export const labelNotSeen: Readonly<Record<string, string>> = {
  'keelson-operator keelson_cluster_info region': 'a cluster whose region is not known has none',
  'keelson-operator probe_success region': 'a cluster whose region is not known has none',
  'keelson-operator probe_duration_seconds region': 'a cluster whose region is not known has none',
};

/** Families that their program shows only once something has happened that cannot be made to happen here. */
export const notSeen: Readonly<Record<string, string>> = {
  'kube-apiserver apiserver_flowcontrol_rejected_requests_total': 'until a priority level is overrun',
  'kube-apiserver apiserver_audit_error_total': 'until an audit event cannot be written',
  'kube-apiserver etcd_request_errors_total': 'until etcd refuses a request',
  'cluster-api-provider-openstack capo_openstack_api_requests_total': 'until there is a cluster to make; the name stands in its pkg/metrics/metrics.go',
  'cluster-api-provider-openstack capo_openstack_api_request_errors_total': 'until there is a cluster to make',
  'keelson-operator keelson_cluster_api_failure': 'while every API server answers',
  'keelson-operator keelson_cluster_token_renewal_timestamp_seconds': 'once the monitoring of a cluster is Ready: test/provisioner/operators/monitoring',
  'keelson-operator keelson_cluster_access_open': 'once somebody asks for access: test/provisioner/operators/access',
  'keelson-operator keelson_cluster_access_waiting': 'once somebody asks for access: test/provisioner/operators/access',
  'keelson-operator keelson_cluster_access_refused_total': 'once a request is refused: test/provisioner/operators/access',
  'keelson-operator keelson_access_rights_applied': 'once there is an AccessBinding: test/provisioner/operators/access',
  'keelson-operator keelson_app_drifted_fields': 'once an App was installed and compared with its cluster: test/provisioner/operators/app',
  'keelson-operator keelson_cluster_change_timestamp_seconds': 'once something of a cluster was changed: test/provisioner/operators/monitoring',
  'keelson-operator keelson_openstack_quota_used': 'once a project was asked: test/provisioner/operators/cloud-quota',
  'keelson-operator keelson_openstack_quota_limit': 'once a project was asked: test/provisioner/operators/cloud-quota',
  'keelson-operator keelson_openstack_quota_read_timestamp_seconds': 'once a project was asked: test/provisioner/operators/cloud-quota',
  'keelson-operator keelson_organization_contact_info': 'once there is an Organization: test/monitoring/messages.integration',
  'keelson-operator keelson_organization_used': 'once there is an Organization: test/provisioner/operators/organization',
  'keelson-operator keelson_organization_quota': 'once there is an Organization: test/provisioner/operators/organization',
  'keelson-operator keelson_organization_condition': 'once there is an Organization: test/provisioner/operators/organization',
  'keelson-topology-extension keelson_topology_class_mismatch': 'once a class is published that it would answer otherwise',
  'kubelet kubelet_runtime_operations_errors_total': 'until the container runtime refuses a call',
  'etcd etcd_network_peer_round_trip_time_seconds': 'in a cluster of more than one member',
};

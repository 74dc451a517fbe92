/**
 * Every condition type we set and every reason we give, in one table: reconcilers take their strings from here, the
 * reference page is rendered from it. Reasons are stable: alerts and scripts read them.
 */

export interface ConditionType {
  readonly kind: string;
  readonly type: string;
  readonly meaning: string;
  /** Reason → what it means and what a person can do. */
  readonly reasons: Readonly<Record<string, string>>;
}

export const appReady = {
  kind: 'App',
  type: 'Ready',
  meaning: 'The release of this generation is installed and its workloads were healthy when it was.',
  reasons: {
    Installed: 'The release is installed and healthy.',
    Installing: 'Helm is at work, or the workloads are not ready yet.',
    WaitingForCluster: 'The cluster has no kubeconfig yet or its API server does not answer; looked at again by itself, at growing intervals, and caught up in order.',
    WaitingForDependency: 'An App in dependsOn is not Ready; the message names it and why.',
    DependencyCycle: 'dependsOn goes in a circle; every App of it says so. Remove one of the arrows.',
    TargetRefused: "The App may not act there: the management cluster is for namespaces of the fleet's owners, and a kubeconfig must hold all it needs (no exec, no auth provider, no paths).",
    CatalogNotReady: 'There is no such Catalog, its address is not allowed, or none of its addresses answers; the message says which.',
    ChartNotFound: 'No such chart, or not in this version; correct spec.chart or spec.version.',
    ValuesInvalid: "The values cannot be read, or the chart's schema refuses them; the message names the key and where it was set. Nothing was run.",
    CrdsRefused: "A CRD in the chart's folder crds/ would take away a version that is stored or used, or change what cannot be changed; the message says which and by whom. Nothing was changed; retried with back-off.",
    InstallFailed: 'Helm failed; the message is the last line it said. Retried with back-off.',
    RolledBack: 'An upgrade failed and the last good revision runs again; the message says why and when it is tried again. A change of the App tries at once.',
    Unhealthy: 'Installed, but a workload did not become ready in time; the message names it. Retried with back-off.',
    Uninstalling: 'The App or its Cluster is being deleted and Helm removes the release.',
    HeldByDependents: 'The App or its Cluster is being deleted, and others that depend on it are still there; the message names them. They go first.',
    DeletionPrevented: 'The App or its Cluster is being deleted but the App carries the label keelson.dev/prevent-deletion; remove the label.',
    UninstallFailed: 'Helm could not remove the release; retried with back-off.',
    Uninstalled: 'The Cluster is being deleted and the release was removed from it; the App is its owner\'s and stays.',
    LeftOut: 'Declared by the bundle and left out of this cluster on purpose; the message says why.',
  },
} as const satisfies ConditionType;

export const appDrifted = {
  kind: 'App',
  type: 'Drifted',
  meaning: 'Something in the cluster differs from what the release says. Compared every six hours and when the annotation keelson.dev/requested-at changes.',
  reasons: {
    InSync: 'Every field that the chart sets is as the chart set it, or was changed by an autoscaler or controller whose task that is.',
    Changed: 'The message and status.drift name objects and fields.',
    Corrected: 'What differed was taken back, as spec.drift.correct says.',
    NotCompared: 'The comparison failed; the message says why.',
  },
} as const satisfies ConditionType;

export const appPaused = {
  kind: 'App',
  type: 'Paused',
  meaning: 'Somebody asked to leave the App alone; its other conditions are as they were when it began.',
  reasons: {
    UntilTime: 'The annotation keelson.dev/paused-until names the end.',
    UntilUnreadable: 'The annotation keelson.dev/paused-until holds no time (RFC 3339); the App is left alone until it does or is gone.',
    Annotated: 'The annotation cluster.x-k8s.io/paused, until somebody removes it; or the Cluster is paused.',
    NotPaused: 'The App is worked on.',
  },
} as const satisfies ConditionType;

export const catalogReady = {
  kind: 'Catalog',
  type: 'Ready',
  meaning: 'One of its addresses answered when it was last asked.',
  reasons: {
    Available: 'The message names the address that answered.',
    Refused: 'No address is one that the operator may connect to; see its allow-list.',
    Unreachable: 'No address answered; the message says what each said. Asked again.',
    CredentialsInvalid: 'The Secret is missing or lacks username or password.',
  },
} as const satisfies ConditionType;

export const clusterAppsReady = {
  kind: 'Cluster',
  type: 'keelson.dev/AppsReady',
  meaning: 'Every App of the cluster\'s bundle is Ready.',
  reasons: {
    AllReady: 'Every App is Ready. The message names the version of the bundle, and what is left out of it.',
    SomeNotReady: 'The message names the Apps that are not, and facts of the cluster that others still wait for.',
    NoBundle: 'There is no ClusterBundle that the cluster could have; the message says why. Its Apps stay as they are.',
    SettingsInvalid: 'An annotation or the values of this cluster for its bundle are not what they should be; the message names them. Its Apps stay as they are.',
    WaitingForCluster: 'Its Kubernetes version is not known yet.',
    Unmanaged: 'The Cluster has neither our class nor the label keelson.dev/managed.',
  },
} as const satisfies ConditionType;

export const bundleValid = {
  kind: 'ClusterBundle',
  type: 'Valid',
  meaning: 'The bundle can be given to clusters.',
  reasons: {
    Valid: 'Nothing is wrong with it.',
    Invalid: 'The message lists what is wrong; no cluster gets it.',
  },
} as const satisfies ConditionType;

export const clusterPreflightPassed = {
  kind: 'Cluster',
  type: 'keelson.dev/PreflightPassed',
  meaning: 'The cloud has what the cluster needs. While it is not True, Cluster API neither creates nor upgrades the cluster; one that runs goes on.',
  reasons: {
    Passed: 'Nothing was found.',
    Refused: 'The message lists what is missing, with fields and remedies; looked at again every half minute while something waits for it.',
    CloudUnreachable: 'The cloud does not answer; asked again.',
    CloudSecretInvalid: 'The Secret with clouds.yaml is missing or incomplete; the message names it.',
  },
} as const satisfies ConditionType;

export const clusterCredentialReady = {
  kind: 'Cluster',
  type: 'keelson.dev/CredentialReady',
  meaning: 'The cluster has credentials of its own for its cloud.',
  reasons: {
    Minted: 'An application credential with the calls that cloud controller manager and CSI driver need; renewed every 30 days.',
    Provided: 'Somebody made the Secret <cluster>-cloud-credential; it is used as it is and not renewed.',
    Shared: 'The cluster has the credentials it was made with, because the annotation keelson.dev/workload-credential says so.',
    CannotMint: 'The message says why no application credential can be made, and what helps.',
  },
} as const satisfies ConditionType;

export const clusterApiAccessRestricted = {
  kind: 'Cluster',
  type: 'keelson.dev/ApiAccessRestricted',
  meaning: 'Only api.loadBalancer.allowedCidrs reach the API server, where the nodes keep to it and not the load balancer. Absent where nobody asked for it.',
  reasons: {
    Restricted: 'A host policy of Cilium stands in the cluster; the message names who is let in.',
    NoHostPolicies: 'The cluster has no Cilium: the API server is open to everyone. Looked for again every half minute.',
    ManagementEgressUnknown: 'Nothing was applied, because nobody said from where this management cluster calls: operator.managementEgress of chart keelson.',
    WaitingForCluster: 'The cluster does not answer yet, or its addresses are not known.',
    Open: 'The Cluster named CIDRs before and names none now; the policy was taken away.',
  },
} as const satisfies ConditionType;

export const clusterBastionRestricted = {
  kind: 'Cluster',
  type: 'keelson.dev/BastionRestricted',
  meaning: 'Only bastion.allowedCidrs reach the SSH of the bastion. Absent where nobody asked for it.',
  reasons: {
    Restricted: 'The port of the bastion is in our security group alone, whose rules are the ranges in the message.',
    WaitingForBastion: 'The group is there; CAPO is making the bastion that is in it. One that stood before is gone by then.',
    CloudUnreachable: 'The cloud does not answer or refuses; asked again.',
    Unrestricted: 'The Cluster named ranges before and names none now, or has no bastion any more; the group was taken away.',
    Releasing: 'As Unrestricted, while the former bastion is still in the group.',
  },
} as const satisfies ConditionType;

export const clusterRoutesSet = {
  kind: 'Cluster',
  type: 'keelson.dev/RoutesSet',
  meaning: "The cluster's router has the routes of network.routes, and none beside those and the pods'. Absent where nobody asked for it.",
  reasons: {
    Set: 'They stand in the router; the message names them.',
    WaitingForRouter: 'CAPO has not made the router yet.',
    Refused: 'Neutron does not take one, for the reason in the message: a next hop that is in no subnet of the router, for instance.',
    CloudUnreachable: 'The cloud does not answer or refuses; asked again.',
    Unset: 'The Cluster named routes before and names none now; they were taken away.',
  },
} as const satisfies ConditionType;

export const clusterCloudCleaned = {
  kind: 'Cluster',
  type: 'keelson.dev/CloudCleaned',
  meaning: 'Nothing of a cluster that is being deleted is left in its cloud.',
  reasons: {
    RemovingWorkloads: "Services of type LoadBalancer and volumes are being removed through the cluster's own API; machines stay until then.",
    RemovingApps: 'Apps are being uninstalled, each after those that depend on it; machines stay until then. The message names those that are left, and those that the label keelson.dev/prevent-deletion keeps.',
    WaitingForMachines: 'Cluster API is deleting the machines.',
    RemovingLeftovers: 'The message lists what is left in the cloud and is being removed.',
    WaitingForInfrastructure: 'Nothing of ours is left; CAPO is taking the network apart.',
    BlockedByForeignPort: "The message names ports on the cluster's network that are not ours to remove; delete them, and the deletion goes on.",
    CloudUnreachable: 'The cloud does not answer or refuses; asked again.',
    CloudSecretInvalid: 'The Secret with clouds.yaml is missing or incomplete: create it again, the deletion needs it; or set the annotation keelson.dev/abandon-cloud.',
    Cleaned: 'Nothing is left but what was to be kept, which the message names.',
  },
} as const satisfies ConditionType;

export const clusterAccessReady = {
  kind: 'ClusterAccess',
  type: 'Ready',
  meaning: 'The kubeconfig is in the Secret and its rights hold in the cluster.',
  reasons: {
    Issued: 'The cluster signed the certificate; status.secretName says where the kubeconfig is.',
    ApplyingRights: 'The certificate is signed; its rights are being written into the cluster.',
    WaitingForCluster: 'The cluster has no kubeconfig yet or its API server does not answer; retried.',
    ClusterNotFound: 'There is no such Cluster in this namespace, or it is being deleted; ask again for one that is there.',
    RoleRefused: 'The requester has not, or no longer, the role that was asked for.',
    TooManyOpen: 'The requester has too many open requests; delete some, or wait until they expire.',
    SigningFailed: "The cluster did not sign; the message says why. Retried with back-off.",
  },
} as const satisfies ConditionType;

export const accessBindingReady = {
  kind: 'AccessBinding',
  type: 'Ready',
  meaning: 'The rights hold in every cluster that is selected, and in no other.',
  reasons: {
    Applied: 'The rights are as they should be in every selected cluster.',
    NoClusters: 'No cluster is selected; one that comes later gets the rights.',
    SomeNotApplied: 'The message names clusters that could not be reached; retried.',
  },
} as const satisfies ConditionType;

export const organizationReady = {
  kind: 'Organization',
  type: 'Ready',
  meaning: 'Namespace, quotas and rights are as the spec of this generation says.',
  reasons: {
    Applied: 'Everything is as it should be.',
    ApplyFailed: 'The message says what could not be written; retried with back-off.',
    NamespaceForeign: 'There is a namespace of that name that nobody gave to this organization. Label it keelson.dev/organization: <name> to hand it over with all that is in it, or choose another name.',
    NamespaceEnding: 'The namespace of that name is being deleted; it is made again when it is gone.',
    ClustersLive: 'The Organization is to be deleted and has clusters: delete them, or confirm with the annotation keelson.dev/confirm-deletion: <name>.',
    DeletingClusters: 'The deletion was confirmed; the message names the clusters that are still there.',
    DeletingNamespace: 'No cluster is left; the namespace is going.',
  },
} as const satisfies ConditionType;

export const organizationIdentitiesReady = {
  kind: 'Organization',
  type: 'IdentitiesReady',
  meaning: 'Every identity has credentials that work, for the project that is declared, which is nobody else\'s.',
  reasons: {
    Verified: 'Each was used to log in.',
    NoIdentity: 'None is declared: the organization cannot have clusters.',
    ProjectTaken: 'The message names a project that an older Organization has; its clusters are not created until one of them lets it go.',
    SecretInvalid: 'The message names a Secret with clouds.yaml that is missing or incomplete.',
    ProjectDiffers: 'The credentials are for another project than the one declared, or for another cloud than authUrl.',
    CloudUnreachable: 'The cloud does not answer or refuses; asked again.',
  },
} as const satisfies ConditionType;

export const organizationWithinQuota = {
  kind: 'Organization',
  type: 'WithinQuota',
  meaning: 'What the clusters declare, or have where that is more, fits into the quota.',
  reasons: {
    Within: 'It fits.',
    Exceeded: 'The message says of what there is more than allowed: machines were scaled past the door, or the quota was lowered. Nothing is taken away.',
    FlavorUnknown: 'A Cluster has a flavor whose size is not known, so its cores and memory cannot be counted; the message names it.',
  },
} as const satisfies ConditionType;

const silenceReasons = {
  Silenced: 'Every Alertmanager that is known has it.',
  Ended: 'Its time is over; nothing is silenced any more. The object may be deleted.',
  Refused: 'The message says why: it names nothing, lasts too long, or stands in a namespace that is neither an organization\'s nor one of the fleet\'s owners. Nothing is silenced.',
  NotDelivered: 'The message names an Alertmanager that does not answer or refuses it; tried again every half minute. The others silence.',
  NoAlertmanager: 'No Alertmanager is known under the addresses that the operator was given (operator.alertmanagers of the chart keelson).',
} as const;

export const silenceReady = {
  kind: 'Silence',
  type: 'Ready',
  meaning: 'The alerts that it matches are sent to nobody.',
  reasons: silenceReasons,
} as const satisfies ConditionType;

export const maintenanceWindowReady = {
  kind: 'MaintenanceWindow',
  type: 'Ready',
  meaning: 'Alerts of its clusters are sent to nobody while a window is open: Alertmanager knows it a day before it opens.',
  reasons: {
    ...silenceReasons,
    Waiting: 'No window is open; status.window says when the next one opens.',
    NoClusters: 'It selects no cluster; one that comes later is taken in.',
  },
} as const satisfies ConditionType;

/** The whole table, for pages and checks. */
export const conditionTypes: readonly ConditionType[] = [
  organizationReady, organizationIdentitiesReady, organizationWithinQuota, appReady, appDrifted, appPaused, catalogReady, clusterAppsReady, bundleValid, clusterPreflightPassed, clusterCredentialReady, clusterApiAccessRestricted, clusterBastionRestricted, clusterRoutesSet, clusterCloudCleaned, clusterAccessReady, accessBindingReady, silenceReady, maintenanceWindowReady,
];

/** Reasons of a condition, as a type: `Reason<typeof appReady>`. */
export type Reason<T extends ConditionType> = keyof T['reasons'] & string;

/**
 * What a namespace of each class may take. Three classes: a tenant's own namespaces, the platform's (`system`), and those
 * that hold its monitoring (`observability`), whose pods are large and few.
 */
export const classNames = ['tenant', 'system', 'observability'] as const;
export type ClassName = (typeof classNames)[number];

/** Amounts by resource name, as Kubernetes quantities. */
export type Amounts = Readonly<Record<string, string>>;

export interface NamespaceClass {
  readonly description: string;
  /** What a container asks for when it says nothing; without it a quota of requests refuses the pod. */
  readonly defaultRequest: Amounts;
  /** What a container may take when it says nothing. Never of cpu: a CPU limit throttles long before the node is busy. */
  readonly defaultLimit: Amounts;
  /**
   * The largest container. Never of cpu: where a maximum is set and no default limit, the API server makes the maximum the
   * default (k8s.io/kubernetes/pkg/apis/core/v1/defaults.go, SetDefaults_LimitRangeItem).
   */
  readonly largestContainer: Amounts;
  /** Smallest and largest volume that a claim may ask for. */
  readonly volume: { readonly smallest: string; readonly largest: string };
  /** Hard limits of the namespace's sum; undefined: no quota. */
  readonly quota?: Amounts;
  /** Priority classes that no pod of the namespace may name. */
  readonly forbiddenPriorities: readonly string[];
}

/** Of Kubernetes itself: they push out everything else, on every node. */
export const systemPriorities = ['system-node-critical', 'system-cluster-critical'] as const;
/** Ours; values in `priority-classes.ts`. */
export const platformPriorities = ['keelson-platform-critical', 'keelson-platform'] as const;

/**
 * Node ports that a namespace with so many load balancers needs, four ports each. The quota `services.nodeports` counts the
 * node ports of LoadBalancer Services too (k8s.io/kubernetes/pkg/quota/v1/evaluator/core/services.go), and Octavia's members
 * are node ports, so zero would forbid load balancers. Services of type NodePort are refused by a policy instead.
 */
export function nodePortsFor(loadBalancers: number): number {
  return loadBalancers * 4;
}

export const namespaceClasses: Readonly<Record<ClassName, NamespaceClass>> = {
  tenant: {
    description: "A team's own workloads: bounded in everything that costs money or crowds out others.",
    defaultRequest: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '100Mi' },
    defaultLimit: { memory: '256Mi', 'ephemeral-storage': '1Gi' },
    largestContainer: { memory: '16Gi' },
    volume: { smallest: '1Gi', largest: '200Gi' },
    quota: {
      'requests.cpu': '16',
      'requests.memory': '32Gi',
      'limits.memory': '64Gi',
      'requests.ephemeral-storage': '50Gi',
      pods: '100',
      persistentvolumeclaims: '20',
      'requests.storage': '500Gi',
      'services.loadbalancers': '2',
      'services.nodeports': String(nodePortsFor(2)),
      services: '50',
      'count/secrets': '200',
      'count/configmaps': '200',
      'count/jobs.batch': '100',
      'count/cronjobs.batch': '30',
      'count/deployments.apps': '50',
      'count/statefulsets.apps': '20',
      'count/ingresses.networking.k8s.io': '50',
    },
    forbiddenPriorities: [...systemPriorities, ...platformPriorities],
  },
  system: {
    description: "The platform's own components: no sum that could hold back one that must run, and the smallest defaults.",
    defaultRequest: { cpu: '50m', memory: '64Mi', 'ephemeral-storage': '50Mi' },
    defaultLimit: { memory: '512Mi' },
    largestContainer: {},
    volume: { smallest: '1Gi', largest: '200Gi' },
    forbiddenPriorities: [],
  },
  observability: {
    description: 'Monitoring: large pods, volumes, no way in from outside.',
    defaultRequest: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '100Mi' },
    defaultLimit: { memory: '512Mi', 'ephemeral-storage': '2Gi' },
    largestContainer: { memory: '64Gi' },
    volume: { smallest: '1Gi', largest: '1Ti' },
    quota: {
      'requests.cpu': '32',
      'requests.memory': '128Gi',
      pods: '200',
      'requests.storage': '4Ti',
      'services.loadbalancers': '0',
      'services.nodeports': '0',
    },
    forbiddenPriorities: [...systemPriorities],
  },
};

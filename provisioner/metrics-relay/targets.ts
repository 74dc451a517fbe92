/** What the relay reads: components of a control plane that kubeadm lets listen on loopback only. */

export interface Target {
  readonly url: URL;
  /** Whether the component asks the API server about its callers: scheduler and controller manager do; etcd and our cloud controller manager trust their loopback address. */
  readonly knowsCallers: boolean;
}

/** By the last part of the path /metrics/<name>. Ports: kubeadm's static pods, and https://kubernetes.io/docs/reference/networking/ports-and-protocols/ */
export const targets: Readonly<Record<string, Target>> = {
  etcd: { url: new URL('http://127.0.0.1:2381/metrics'), knowsCallers: false },
  'kube-scheduler': { url: new URL('https://127.0.0.1:10259/metrics'), knowsCallers: true },
  'kube-controller-manager': { url: new URL('https://127.0.0.1:10257/metrics'), knowsCallers: true },
  // https://github.com/kubernetes/cloud-provider/blob/master/ports.go; the chart lets it show its metrics to whoever is on loopback.
  'openstack-cloud-controller-manager': { url: new URL('https://127.0.0.1:10258/metrics'), knowsCallers: false },
};

/** The path is what a ClusterRole names: nonResourceURLs. */
export const pathOf = (name: string): string => `/metrics/${name}`;

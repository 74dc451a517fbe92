/**
 * The checks of CIS Kubernetes Benchmark 1.12 that read process arguments, files and modes on a node, and the STIG's on top,
 * as data. Numbers and expectations: github.com/aquasecurity/kube-bench, cfg/cis-1.12 (sections 1, 2, 3, 4).
 */
import type { Facts } from './facts.ts';

export interface CisCheck {
  readonly id: string;
  readonly what: string;
  /** What is wrong; undefined when it passes. */
  readonly wrong: (facts: Facts) => string | undefined;
}

/** Checks that a kubeadm template cannot meet, each with the reason. They are not run. */
export const exceptions: Readonly<Record<string, string>> = {
  '1.1.12': 'the owner etcd:etcd needs a user of that name in the image; kubeadm runs etcd as root, and the folder is 700 root:root',
  '1.2.5': "kubelet-certificate-authority needs serving certificates of kubelets signed by the cluster's CA; nothing approves them yet",
};

const argument = (program: string, name: string, isRight: (value: string | undefined) => boolean) => (facts: Facts): string | undefined => {
  const args = facts.processes[program];
  if (!args) return `no process ${program}`;
  return isRight(args[name]) ? undefined : `--${name} is ${args[name] ?? 'not set'}`;
};
const is = (...values: string[]) => (value: string | undefined): boolean => value !== undefined && values.includes(value);
const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';
const isNot = (...values: string[]) => (value: string | undefined): boolean => !values.includes(value ?? '');
const isAbsent = (value: string | undefined): boolean => value === undefined;
const atLeast = (least: number) => (value: string | undefined): boolean => Number(value) >= least;
const holds = (...parts: string[]) => (value: string | undefined): boolean => parts.every((part) => value?.split(',').includes(part));
const lacks = (part: string) => (value: string | undefined): boolean => !value?.split(',').includes(part);

/** Every file that the pattern names is at most this open and belongs to root. At least one must be there, unless somebody else makes them. */
const modes = (pattern: RegExp, most: number, { type = 'f', mayBeAbsent = false } = {}) => ({ files }: Facts): string | undefined => {
  const found = Object.entries(files).filter(([path, file]) => pattern.test(path) && file.type === type);
  if (!found.length && !mayBeAbsent) return `no file matches ${pattern}`;
  const wide = found.filter(([, { mode, owner }]) => (mode & ~most) !== 0 || owner !== 'root:root').map(([path, { mode, owner }]) => `${path} is ${mode.toString(8)} ${owner}`);
  return wide.length ? wide.join(', ') : undefined;
};

/** A program that is told by a file where to listen: its socket says it. */
const onLoopback = (program: string, port: number) => ({ processes, listening }: Facts): string | undefined => {
  if (!processes[program]) return `no process ${program}`;
  const addresses = listening.filter((socket) => socket.port === port).map(({ address }) => address);
  if (!addresses.length) return `nothing listens on port ${port}`;
  return addresses.every((address) => ['127.0.0.1', '::1'].includes(address)) ? undefined : `port ${port} listens on ${addresses.join(', ')}`;
};

const kubelet = (path: string, isRight: (value: unknown) => boolean) => (facts: Facts): string | undefined => {
  const value = path.split('.').reduce<unknown>((object, key) => (object as Record<string, unknown> | undefined)?.[key], facts.kubelet);
  return isRight(value) ? undefined : `${path} is ${JSON.stringify(value) ?? 'not set'}`;
};

/** Strong suites of 1.2.29; all of ours must be among them. */
const strong = ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const areStrong = (suites: readonly string[] | undefined): boolean => !!suites?.length && suites.every((suite) => strong.includes(suite));

const api = 'kube-apiserver';
const manager = 'kube-controller-manager';

export const controlPlaneChecks: readonly CisCheck[] = [
  { id: '1.1.1', what: 'manifests 600 root', wrong: modes(/^\/etc\/kubernetes\/manifests\/.*\.yaml$/, 0o600) },
  // Written by the network plugin (Cilium: 600); the sandbox has none, so what is judged there is nothing.
  { id: '1.1.9', what: 'CNI files 600 root (1.1.10: their owner)', wrong: modes(/^\/etc\/cni\/net\.d\/./, 0o600, { mayBeAbsent: true }) },
  { id: '1.1.11', what: 'etcd data 700', wrong: modes(/^\/var\/lib\/etcd$/, 0o700, { type: 'd' }) },
  { id: '1.1.13', what: 'admin.conf 600 root', wrong: modes(/^\/etc\/kubernetes\/(super-)?admin\.conf$/, 0o600) },
  { id: '1.1.15', what: 'scheduler.conf and controller-manager.conf 600 root', wrong: modes(/^\/etc\/kubernetes\/(scheduler|controller-manager)\.conf$/, 0o600) },
  { id: '1.1.19', what: 'PKI folders root', wrong: modes(/^\/etc\/kubernetes\/pki(\/etcd)?$/, 0o755, { type: 'd' }) },
  { id: '1.1.20', what: 'certificates 644 root', wrong: modes(/^\/etc\/kubernetes\/pki\/.*\.crt$/, 0o644) },
  { id: '1.1.21', what: 'keys 600 root', wrong: modes(/^\/etc\/kubernetes\/pki\/.*\.key$/, 0o600) },
  { id: '1.2.1', what: 'anonymous requests limited by an authentication configuration', wrong: argument(api, 'authentication-config', isSet) },
  { id: '1.2.2', what: 'no token file', wrong: argument(api, 'token-auth-file', isAbsent) },
  { id: '1.2.3', what: 'DenyServiceExternalIPs', wrong: argument(api, 'enable-admission-plugins', holds('DenyServiceExternalIPs')) },
  { id: '1.2.4', what: 'client certificate for kubelets', wrong: argument(api, 'kubelet-client-certificate', isSet) },
  { id: '1.2.6', what: 'not AlwaysAllow', wrong: argument(api, 'authorization-mode', lacks('AlwaysAllow')) },
  { id: '1.2.7', what: 'Node and RBAC', wrong: argument(api, 'authorization-mode', holds('Node', 'RBAC')) },
  { id: '1.2.9', what: 'EventRateLimit', wrong: argument(api, 'enable-admission-plugins', holds('EventRateLimit')) },
  { id: '1.2.10', what: 'not AlwaysAdmit', wrong: argument(api, 'enable-admission-plugins', lacks('AlwaysAdmit')) },
  { id: '1.2.12', what: 'ServiceAccount and NamespaceLifecycle not disabled', wrong: argument(api, 'disable-admission-plugins', (value) => lacks('ServiceAccount')(value) && lacks('NamespaceLifecycle')(value)) },
  { id: '1.2.14', what: 'NodeRestriction', wrong: argument(api, 'enable-admission-plugins', holds('NodeRestriction')) },
  { id: '1.2.15', what: 'no profiling', wrong: argument(api, 'profiling', is('false')) },
  { id: '1.2.16', what: 'audit log', wrong: argument(api, 'audit-log-path', isSet) },
  { id: '1.2.17', what: 'audit log 30 days', wrong: argument(api, 'audit-log-maxage', atLeast(30)) },
  { id: '1.2.18', what: 'audit log 10 files', wrong: argument(api, 'audit-log-maxbackup', atLeast(10)) },
  { id: '1.2.19', what: 'audit log 100 MB', wrong: argument(api, 'audit-log-maxsize', atLeast(100)) },
  { id: '1.2.21', what: 'service account look-up', wrong: argument(api, 'service-account-lookup', is('true')) },
  { id: '1.2.22', what: 'service account key', wrong: argument(api, 'service-account-key-file', isSet) },
  { id: '1.2.23', what: 'etcd certificate', wrong: argument(api, 'etcd-certfile', isSet) },
  { id: '1.2.24', what: 'serving certificate', wrong: argument(api, 'tls-cert-file', isSet) },
  { id: '1.2.25', what: 'client CA', wrong: argument(api, 'client-ca-file', isSet) },
  { id: '1.2.26', what: 'etcd CA', wrong: argument(api, 'etcd-cafile', isSet) },
  { id: '1.2.27', what: 'encryption at rest', wrong: argument(api, 'encryption-provider-config', isSet) },
  { id: '1.2.29', what: 'strong suites', wrong: argument(api, 'tls-cipher-suites', (value) => areStrong(value?.split(','))) },
  { id: '1.2.30', what: 'tokens are not extended', wrong: argument(api, 'service-account-extend-token-expiration', is('false')) },
  { id: '1.3.1', what: 'terminated pods are collected', wrong: argument(manager, 'terminated-pod-gc-threshold', atLeast(1)) },
  { id: '1.3.2', what: 'no profiling', wrong: argument(manager, 'profiling', is('false')) },
  { id: '1.3.3', what: 'credentials for each controller', wrong: argument(manager, 'use-service-account-credentials', is('true')) },
  { id: '1.3.4', what: 'service account key', wrong: argument(manager, 'service-account-private-key-file', isSet) },
  { id: '1.3.5', what: 'root CA', wrong: argument(manager, 'root-ca-file', isSet) },
  { id: '1.3.6', what: 'kubelet certificates rotate', wrong: argument(manager, 'feature-gates', lacks('RotateKubeletServerCertificate=false')) },
  { id: '1.3.7', what: 'loopback', wrong: argument(manager, 'bind-address', is('127.0.0.1')) },
  { id: '1.4.1', what: 'no profiling', wrong: argument('kube-scheduler', 'profiling', is('false')) },
  { id: '1.4.2', what: 'loopback', wrong: argument('kube-scheduler', 'bind-address', is('127.0.0.1')) },
  { id: '2.1', what: 'certificate', wrong: argument('etcd', 'cert-file', isSet) },
  { id: '2.2', what: 'clients are known', wrong: argument('etcd', 'client-cert-auth', is('true')) },
  { id: '2.3', what: 'no auto-tls', wrong: argument('etcd', 'auto-tls', isNot('true')) },
  { id: '2.4', what: 'peer certificate', wrong: argument('etcd', 'peer-cert-file', isSet) },
  { id: '2.5', what: 'peers are known', wrong: argument('etcd', 'peer-client-cert-auth', is('true')) },
  { id: '2.6', what: 'no peer-auto-tls', wrong: argument('etcd', 'peer-auto-tls', isNot('true')) },
  { id: '2.7', what: 'a CA of its own', wrong: ({ processes }) => (processes['etcd']?.['trusted-ca-file'] !== processes[api]?.['client-ca-file'] ? undefined : 'etcd trusts the CA of the API server') },
  { id: '3.2.1', what: 'audit policy', wrong: argument(api, 'audit-policy-file', isSet) },
  { id: 'CNTR-K8-000150', what: 'TLS 1.2 of the controller manager', wrong: argument(manager, 'tls-min-version', is('VersionTLS12', 'VersionTLS13')) },
  { id: 'CNTR-K8-000160', what: 'TLS 1.2 of the scheduler', wrong: argument('kube-scheduler', 'tls-min-version', is('VersionTLS12', 'VersionTLS13')) },
  { id: 'CNTR-K8-000170', what: 'TLS 1.2 of the API server', wrong: argument(api, 'tls-min-version', is('VersionTLS12', 'VersionTLS13')) },
  { id: 'etcd metrics', what: 'loopback', wrong: argument('etcd', 'listen-metrics-urls', is('http://127.0.0.1:2381')) },
];

export const nodeChecks: readonly CisCheck[] = [
  { id: '4.1.1', what: "kubelet's unit 600 root", wrong: modes(/^\/(etc|usr\/lib)\/systemd\/system\/kubelet\.service$/, 0o600) },
  { id: '4.1.5', what: 'kubelet.conf 600 root', wrong: modes(/^\/etc\/kubernetes\/kubelet\.conf$/, 0o600) },
  { id: '4.1.7', what: 'client CA 644 root', wrong: modes(/^\/etc\/kubernetes\/pki\/ca\.crt$/, 0o644) },
  { id: '4.1.9', what: 'config.yaml 600 root', wrong: modes(/^\/var\/lib\/kubelet\/config\.yaml$/, 0o600) },
  { id: '4.2.1', what: 'nobody is anonymous', wrong: kubelet('authentication.anonymous.enabled', (value) => value === false) },
  { id: '4.2.2', what: 'Webhook', wrong: kubelet('authorization.mode', (value) => value === 'Webhook') },
  { id: '4.2.3', what: 'client CA', wrong: kubelet('authentication.x509.clientCAFile', (value) => value === '/etc/kubernetes/pki/ca.crt') },
  { id: '4.2.4', what: 'no read-only port', wrong: kubelet('readOnlyPort', (value) => value === undefined || value === 0) },
  { id: '4.2.5', what: 'idle streams end', wrong: kubelet('streamingConnectionIdleTimeout', (value) => value === '5m0s') },
  { id: '4.2.6', what: 'iptables chains', wrong: kubelet('makeIPTablesUtilChains', (value) => value === true) },
  { id: '4.2.7', what: 'no other host name', wrong: argument('kubelet', 'hostname-override', isAbsent) },
  { id: '4.2.8', what: 'events are recorded', wrong: kubelet('eventRecordQPS', (value) => Number(value) > 0) },
  { id: '4.2.10', what: 'certificates rotate', wrong: kubelet('rotateCertificates', (value) => value === true) },
  { id: '4.2.11', what: 'serving certificates may rotate', wrong: kubelet('featureGates.RotateKubeletServerCertificate', (value) => value !== false) },
  { id: '4.2.12', what: 'strong suites', wrong: kubelet('tlsCipherSuites', (value) => areStrong(value as string[])) },
  { id: '4.2.13', what: 'a limit of processes', wrong: kubelet('podPidsLimit', (value) => Number(value) > 0) },
  { id: '4.2.14', what: 'seccomp', wrong: kubelet('seccompDefault', (value) => value === true) },
  { id: '4.3.1', what: 'kube-proxy on loopback', wrong: onLoopback('kube-proxy', 10249) },
  { id: 'CNTR-K8-001620', what: 'kernel defaults are protected', wrong: kubelet('protectKernelDefaults', (value) => value === true) },
];

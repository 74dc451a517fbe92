/** TLS of every component: oldest version and cipher suites (CIS 1.2.29, 4.2.12; STIG CNTR-K8-000150, -000160, -000170). */
import type { Variables } from '../../api/variables/index.ts';
import type { Argument } from './argument.ts';

/** TLS 1.2 with forward secrecy and authenticated encryption; names of Go's crypto/tls. HTTP/2 needs the AES-128 ones. */
const suites = [
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
] as const;

type Tls = Variables['api']['tls'];

/** With TLS 1.3 Go chooses the suites itself, and etcd refuses to be told any. */
const suitesFor = ({ minVersion }: Tls): readonly string[] => (minVersion === '1.3' ? [] : suites);

const versionName = ({ minVersion }: Tls): string => `VersionTLS${minVersion.replace('.', '')}`;

/** API server, controller manager, scheduler. */
export const componentTls = (tls: Tls): Argument[] => [
  { name: 'tls-min-version', value: versionName(tls) },
  ...(suitesFor(tls).length ? [{ name: 'tls-cipher-suites', value: suitesFor(tls).join(',') }] : []),
];

export const etcdTls = (tls: Tls): Argument[] => [
  { name: 'tls-min-version', value: `TLS${tls.minVersion}` },
  ...(suitesFor(tls).length ? [{ name: 'cipher-suites', value: suitesFor(tls).join(',') }] : []),
];

/** Fields of KubeletConfiguration. */
export const kubeletTls = (tls: Tls): { readonly tlsMinVersion: string; readonly tlsCipherSuites?: readonly string[] } => ({
  tlsMinVersion: versionName(tls),
  ...(suitesFor(tls).length ? { tlsCipherSuites: suitesFor(tls) } : {}),
});

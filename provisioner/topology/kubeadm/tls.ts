/** TLS of every component: oldest version and cipher suites (CIS 1.2.29, 4.2.12; STIG CNTR-K8-000150, -000160, -000170). */
import { cipherSuites } from '../../api/variables/api.ts';
import type { Variables } from '../../api/variables/index.ts';
import type { Argument } from './argument.ts';

type Tls = Variables['api']['tls'];

/** With TLS 1.3 Go chooses the suites itself, and etcd refuses to be told any. */
const suitesFor = ({ minVersion, cipherSuites: chosen }: Tls): readonly string[] => (minVersion === '1.3' ? [] : (chosen ?? cipherSuites));

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

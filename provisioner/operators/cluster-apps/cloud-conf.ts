/**
 * cloud.conf of the OpenStack cloud controller manager: how it logs in, where load balancers and routes go.
 * Keys: https://github.com/kubernetes/cloud-provider-openstack/blob/v1.36.0/docs/openstack-cloud-controller-manager/using-openstack-cloud-controller-manager.md
 */
import { createHash } from 'node:crypto';
import type { Cloud } from '../../openstack/index.ts';
import { labels } from '../../api/labels.ts';
import type { KubeObject } from '../../kube/index.ts';
import type { CloudFacts } from './cloud-facts.ts';

/** Where the chart mounts the Secret. */
const folder = '/etc/config';
/** Upstream's name for it. */
export const cloudConfigSecret = { name: 'cloud-config', namespace: 'kube-system' } as const;

type Section = readonly (readonly [key: string, value: string | boolean | undefined])[];

/** @param o.hasCa whether `ca.crt` lies beside the file */
export function cloudConf(cloud: Cloud, facts: CloudFacts, o: { readonly hasCa: boolean }): string {
  const provider = facts.loadBalancerProvider;
  return [
    section('Global', [
      ['auth-url', cloud.auth.auth_url],
      ['region', facts.identity.region ?? cloud.region_name],
      ...login(cloud),
      ['ca-file', o.hasCa ? `${folder}/ca.crt` : undefined],
    ]),
    section('LoadBalancer', [
      ['floating-network-id', facts.floatingNetworkId],
      ['network-id', facts.networkId],
      ['subnet-id', facts.subnetId],
      ['lb-provider', provider],
      // OVN knows no other algorithm; what it is not asked for explicitly the controller asks as ROUND_ROBIN and is refused.
      ['lb-method', provider === 'ovn' ? 'SOURCE_IP_PORT' : undefined],
      // Services with externalTrafficPolicy Local need it.
      ['create-monitor', true],
    ]),
    section('Route', [['router-id', facts.routerId]]),
  ].join('\n');
}

/** The Secret in the workload cluster. */
export function cloudConfig(conf: string, ca: string | undefined): KubeObject {
  return {
    apiVersion: 'v1', kind: 'Secret', type: 'Opaque',
    metadata: { ...cloudConfigSecret, labels: { [labels.managedBy]: 'keelson' } },
    data: { 'cloud.conf': base64(conf), ...(ca === undefined ? {} : { 'ca.crt': base64(ca) }) },
  };
}

/** Tells contents of the Secret apart, so that pods restart when it changes. Credentials have too much entropy to be guessed from it. */
export function cloudConfigChecksum(secret: KubeObject): string {
  return createHash('sha256').update(JSON.stringify(secret['data'])).digest('hex').slice(0, 32);
}

/** An application credential where there is one: it can be revoked alone and cannot make others. */
function login({ auth }: Cloud): Section {
  if (auth.application_credential_secret !== undefined) {
    return [
      ['application-credential-id', auth.application_credential_id],
      ['application-credential-name', auth.application_credential_name],
      ['application-credential-secret', auth.application_credential_secret],
      ['username', auth.username], ['user-id', auth.user_id], ['user-domain-name', auth.user_domain_name], ['user-domain-id', auth.user_domain_id],
    ];
  }
  return [
    ['username', auth.username], ['user-id', auth.user_id], ['password', auth.password],
    ['user-domain-name', auth.user_domain_name], ['user-domain-id', auth.user_domain_id],
    ['tenant-name', auth.project_name], ['tenant-id', auth.project_id],
    ['tenant-domain-name', auth.project_domain_name], ['tenant-domain-id', auth.project_domain_id],
    ['domain-name', auth.domain_name], ['domain-id', auth.domain_id],
  ];
}

function section(name: string, entries: Section): string {
  const lines = entries.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${typeof value === 'boolean' ? String(value) : quoted(value)}`]));
  return [`[${name}]`, ...lines, ''].join('\n');
}

/** gcfg (git's config syntax): inside quotes only \ and " need an escape, and a line break is \n. */
function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

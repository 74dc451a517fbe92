/** The facts of one cluster for its bundle's values (`provisioner/api/bundle-facts.ts` says what each means). Pure. */
import type { BundleFactName, BundleFacts, FactValue } from '../../api/bundle-facts.ts';
import { clusterTag } from '../../api/names.ts';
import { cilium } from '../../api/variables/cilium.ts';
import { cloud as cloudVariable } from '../../api/variables/cloud.ts';
import type { Cluster } from '../cluster.ts';
import { cloudConfigSecret } from './cloud-conf.ts';
import type { CloudFacts } from './cloud-facts.ts';
import type { Target } from './target.ts';

export interface FactsInput {
  readonly target: Target;
  /** Minor of Kubernetes. */
  readonly kubernetes: string;
  /** undefined: the cloud is not there yet, or not ours to know. */
  readonly cloud?: { readonly facts: CloudFacts; readonly configChecksum: string } | undefined;
}

export function bundleFactsOf({ target, kubernetes, cloud }: FactsInput): BundleFacts {
  const { cluster } = target;
  return present({
    'cluster.name': target.name,
    'cluster.namespace': target.namespace,
    'cluster.kind': target.kind,
    'cluster.kubernetes': kubernetes,
    ...(cluster ? clusterFacts(cluster) : {}),
    ...(target.kind === 'ours' && cluster ? { ...networkFacts(cluster), ...volumeFacts(cluster) } : {}),
    ...(cloud
      ? {
          'cloud.networkId': cloud.facts.networkId, 'cloud.subnetId': cloud.facts.subnetId, 'cloud.routerId': cloud.facts.routerId,
          'cloud.floatingNetworkId': cloud.facts.floatingNetworkId, 'cloud.region': cloud.facts.identity.region,
          'cloud.configSecret': cloudConfigSecret.name, 'cloud.configChecksum': cloud.configChecksum,
        }
      : {}),
  });
}

type Maybe = Partial<Record<BundleFactName, FactValue | undefined>>;

function clusterFacts({ metadata, spec }: Cluster): Maybe {
  const services = spec?.clusterNetwork?.services?.cidrBlocks ?? [];
  const { host, port } = spec?.controlPlaneEndpoint ?? {};
  return {
    'cluster.ownershipTag': metadata.uid === undefined ? undefined : clusterTag(metadata),
    'cluster.podCidrs': spec?.clusterNetwork?.pods?.cidrBlocks ?? [],
    'cluster.serviceCidrs': services,
    'cluster.dnsAddress': services[0] === undefined ? undefined : tenth(services[0]),
    'cluster.apiHost': host || undefined,
    'cluster.apiPort': port || undefined,
  };
}

const variableOf = ({ spec }: Cluster, wanted: string): unknown => spec?.topology?.variables?.find(({ name }) => name === wanted)?.value ?? {};

function volumeFacts(cluster: Cluster): Maybe {
  return { 'cloud.hasClaimZones': cloudVariable.parse(variableOf(cluster, 'cloud')).claimZone !== 'default' };
}

function networkFacts(cluster: Cluster): Maybe {
  const { spec } = cluster;
  const { tunnel, encryption, hubble, kubeProxy } = cilium.parse(variableOf(cluster, 'cilium'));
  const pods = spec?.clusterNetwork?.pods?.cidrBlocks ?? [];
  return {
    'network.routingMode': tunnel === 'none' ? 'native' : 'tunnel',
    'network.tunnelProtocol': tunnel === 'none' ? undefined : tunnel,
    'network.nativeCidr': tunnel === 'none' ? pods.find((cidr) => !cidr.includes(':')) : undefined,
    'network.isEncrypted': encryption === 'wireguard',
    'network.hasHubble': hubble,
    'network.replacesKubeProxy': kubeProxy === 'replace',
    'network.hasIPv4': pods.length === 0 || pods.some((cidr) => !cidr.includes(':')),
    'network.hasIPv6': pods.some((cidr) => cidr.includes(':')),
  };
}

/** What kubeadm gives cluster DNS (GetDNSIP in cmd/kubeadm/app/constants). undefined for what is no range. */
function tenth(cidr: string): string | undefined {
  const [address = ''] = cidr.split('/');
  if (address.includes(':')) return address.endsWith('::') ? `${address}a` : undefined;
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part))) return undefined;
  const number = parts.reduce((sum, part) => sum * 256 + part, 0) + 10;
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

function present(facts: Maybe): BundleFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as BundleFacts;
}

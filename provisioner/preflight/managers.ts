/** The four managers of Cluster API, found by their label: each is there, of a version that we know, and with the feature gates that we need. */
import type { Finding } from '../../policies/findings/finding.ts';
import { type KubeClient, resources } from '../kube/index.ts';
import { type Deployment, finding, named } from './management-finding.ts';

interface Manager {
  /** Value of the label cluster.x-k8s.io/provider. */
  readonly provider: string;
  readonly name: string;
  /** Minor version whose objects, hooks and names in the cloud ours are made for; chart cluster-api installs it. */
  readonly minor: string;
  /** Alpha in that version: off unless they are asked for. */
  readonly gates: readonly string[];
  /** Wanted by some clusters only. */
  readonly gatesOfIgnition: readonly string[];
}

const ignition = ['KubeadmBootstrapFormatIgnition'] as const;
const needed: readonly Manager[] = [
  { provider: 'cluster-api', name: 'Cluster API', minor: '1.14', gates: ['ClusterTopology', 'RuntimeSDK'], gatesOfIgnition: [] },
  { provider: 'bootstrap-kubeadm', name: 'Cluster API', minor: '1.14', gates: [], gatesOfIgnition: ignition },
  { provider: 'control-plane-kubeadm', name: 'Cluster API', minor: '1.14', gates: ['ClusterTopology'], gatesOfIgnition: ignition },
  { provider: 'infrastructure-openstack', name: 'CAPO', minor: '0.14', gates: [], gatesOfIgnition: [] },
];
const label = 'cluster.x-k8s.io/provider';

export async function managers(client: KubeClient, signal: AbortSignal): Promise<Finding[]> {
  const { items } = await client.list<Deployment>(resources.deployments, { labelSelector: label, signal });
  return needed.flatMap((manager) => {
    const deployment = items.find(({ metadata }) => metadata.labels?.[label] === manager.provider);
    if (!deployment) return [finding('management/gate', named(resources.deployments, manager.provider), { message: `no Deployment has the label ${label}=${manager.provider}`, fix: 'install the chart cluster-api' })];
    return [...versionOf(deployment, manager), ...gatesOf(deployment, manager)];
  });
}

const containersOf = ({ spec }: Deployment) => spec?.template?.spec?.containers ?? [];
const object = ({ metadata: { name, namespace } }: Deployment): Finding['object'] => named(resources.deployments, name, namespace);

/** By the tag of its image; a digest says none. */
function versionOf(deployment: Deployment, { name, minor }: Manager): Finding[] {
  const image = (containersOf(deployment).find((one) => one.name === 'manager') ?? containersOf(deployment)[0])?.image ?? '';
  const [, tag, found] = /:(v?([0-9]+\.[0-9]+)\.[0-9]+[^:@/]*)(?:@.*)?$/.exec(image) ?? [];
  if (found === minor) return [];
  const path = 'spec.template.spec.containers';
  if (found === undefined) return [finding('management/version', object(deployment), { severity: 'warning', path, message: `its image ${image || '(none)'} does not say which version it is; ${name} ${minor} is needed`, fix: 'see to it, or name the image by a tag' })];
  return [finding('management/version', object(deployment), { path, message: `is ${name} ${tag}; this Keelson is made for ${minor}`, fix: 'install the chart cluster-api of this Keelson' })];
}

function gatesOf(deployment: Deployment, { gates, gatesOfIgnition }: Manager): Finding[] {
  const said = containersOf(deployment).flatMap(({ args = [] }) => args).join(' ');
  const isOff = (gate: string): boolean => !new RegExp(`--feature-gates=\\S*\\b${gate}=true`).test(said);
  const say = (gate: string, rest: { message: string; severity?: Finding['severity'] }): Finding => finding('management/gate', object(deployment), { path: 'spec.template.spec.containers', fix: `add ${gate}=true to --feature-gates`, ...rest });
  return [
    ...gates.filter(isOff).map((gate) => say(gate, { message: `runs without the feature gate ${gate}` })),
    ...gatesOfIgnition.filter(isOff).map((gate) => say(gate, { severity: 'warning', message: `runs without the feature gate ${gate}: clusters with os.format ignition are refused` })),
  ];
}

/**
 * Which image reference runs which pinned tool. The sandbox pulls from no registry: an image of this table is the pinned
 * program at the path where the upstream image has it; our own images come from OCI layouts (sandbox/cri/oci-layout.ts);
 * anything else is not found, as in life. Entry points, users and directories are those of the upstream Dockerfiles.
 */
import { etcdVersions, kubernetesVersion, kubernetesVersions, pinOf, type ToolName } from '../tools/pins.ts';

/** An image that holds a pinned tool. */
export interface ToolImage {
  /** Registry and repository, without tag. */
  readonly repository: string;
  /** The tag of that version of the tool. */
  readonly tag: string;
  /** Set where the tool is one of another Kubernetes than the pinned one. */
  readonly kubernetes?: string;
  /** Path inside the image → the tool that is there. */
  readonly programs: Readonly<Record<string, ToolName>>;
  /** Programs that the image brings for disks: those of the node image (machines/node-image/bin), which know disks of the sandbox. */
  readonly diskPrograms?: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  /** As in the image's USER; root when absent. */
  readonly user?: string;
  readonly workingDir?: string;
}

/** An image whose program the sandbox does not have, with something that behaves alike in its place. */
export interface StandIn {
  readonly repository: string;
  readonly entrypoint: readonly string[];
  readonly reason: string;
}

export type ImageMatch =
  | { readonly kind: 'tool'; readonly image: ToolImage }
  | { readonly kind: 'standIn'; readonly image: StandIn }
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * Environment of every tool's image. The garbage collector of Go runs when the heap has grown by half instead of doubled
 * (https://go.dev/doc/gc-guide): a whole fleet shares this machine's memory. A container's own environment wins.
 */
export const toolEnvironment: readonly string[] = ['GOGC=50'];

const kube = 'registry.k8s.io';
const vTag = (tool: ToolName) => `v${pinOf(tool).version}`;
const inPath = (tool: ToolName): ToolImage => ({ repository: `${kube}/${tool}`, tag: vTag(tool), programs: { [`/usr/local/bin/${tool}`]: tool }, entrypoint: [`/usr/local/bin/${tool}`] });
const manager = (repository: string, tool: ToolName): ToolImage => ({ repository: `${kube}/${repository}`, tag: vTag(tool), programs: { '/manager': tool }, entrypoint: ['/manager'], user: '65532' });

/** Of ours, for two programs beside a CSI driver that no Go module has a version of (tools/csi-sidecars/main.go). */
export const csiCompanions = {
  registrar: { repository: 'ghcr.io/keelson/sandbox/csi-registrar', command: 'register' },
  probe: { repository: 'ghcr.io/keelson/sandbox/csi-probe', command: 'probe' },
} as const;
const companion = ({ repository, command }: (typeof csiCompanions)[keyof typeof csiCompanions]): ToolImage => ({ repository, tag: vTag('csi-companion'), programs: { '/csi-companion': 'csi-companion' }, entrypoint: ['/csi-companion', command] });
const sidecar = (tool: ToolName): ToolImage => ({ repository: `${kube}/sig-storage/${tool}`, tag: vTag(tool), programs: { [`/${tool}`]: tool }, entrypoint: [`/${tool}`] });

const kubernetesImages = (version: string): readonly ToolImage[] => {
  const kubernetes = version === kubernetesVersion ? {} : { kubernetes: version };
  return [
    ...(['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'] as const).map((tool) => ({ ...inPath(tool), tag: `v${version}`, ...kubernetes })),
    // The tag of the etcd image has a build number of its own (kubeadm's DefaultEtcdVersion).
    { ...inPath('etcd'), tag: `${etcdVersions[version]}-0`, ...kubernetes },
    { repository: `${kube}/kubectl`, tag: `v${version}`, programs: { '/bin/kubectl': 'kubectl' }, entrypoint: ['/bin/kubectl'], ...kubernetes },
  ];
};

export const toolImages: readonly ToolImage[] = [
  ...kubernetesVersions.flatMap(kubernetesImages),
  { repository: `${kube}/coredns/coredns`, tag: vTag('coredns'), programs: { '/coredns': 'coredns' }, entrypoint: ['/coredns'], user: 'nonroot:nonroot' },
  manager('cluster-api/cluster-api-controller', 'capi-core-manager'),
  manager('cluster-api/kubeadm-bootstrap-controller', 'capi-kubeadm-bootstrap-manager'),
  manager('cluster-api/kubeadm-control-plane-controller', 'capi-kubeadm-control-plane-manager'),
  manager('capi-openstack/capi-openstack-controller', 'capo-manager'),
  {
    repository: `${kube}/provider-os/openstack-cloud-controller-manager`, tag: vTag('openstack-cloud-controller-manager'),
    programs: { '/bin/openstack-cloud-controller-manager': 'openstack-cloud-controller-manager' },
    entrypoint: [],
    command: ['/bin/openstack-cloud-controller-manager'],
  },
  { repository: `${kube}/metrics-server/metrics-server`, tag: vTag('metrics-server'), programs: { '/metrics-server': 'metrics-server' }, entrypoint: ['/metrics-server'], user: '65534' },
  {
    repository: `${kube}/kube-state-metrics/kube-state-metrics`, tag: vTag('kube-state-metrics'), programs: { '/kube-state-metrics': 'kube-state-metrics' },
    entrypoint: ['/kube-state-metrics', '--port=8080', '--telemetry-port=8081'], user: 'nobody',
  },
  {
    repository: 'quay.io/prometheus/prometheus', tag: vTag('prometheus'), programs: { '/bin/prometheus': 'prometheus', '/bin/promtool': 'promtool' },
    entrypoint: ['/bin/prometheus'], command: ['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus'], user: 'nobody', workingDir: '/prometheus',
  },
  {
    repository: 'quay.io/prometheus/alertmanager', tag: vTag('alertmanager'), programs: { '/bin/alertmanager': 'alertmanager', '/bin/amtool': 'amtool' },
    entrypoint: ['/bin/alertmanager'], command: ['--config.file=/etc/alertmanager/alertmanager.yml', '--storage.path=/alertmanager'], user: 'nobody', workingDir: '/alertmanager',
  },
  { repository: 'quay.io/prometheus/node-exporter', tag: vTag('node_exporter'), programs: { '/bin/node_exporter': 'node_exporter' }, entrypoint: ['/bin/node_exporter'], user: 'nobody' },
  { repository: 'quay.io/prometheus-operator/prometheus-operator', tag: vTag('prometheus-operator'), programs: { '/bin/operator': 'prometheus-operator' }, entrypoint: ['/bin/operator'], user: '65534' },
  {
    repository: 'quay.io/prometheus-operator/prometheus-config-reloader', tag: vTag('prometheus-config-reloader'),
    programs: { '/bin/prometheus-config-reloader': 'prometheus-config-reloader' }, entrypoint: ['/bin/prometheus-config-reloader'], user: '65534',
  },
  // Volumes (fleet/volumes.ts).
  {
    repository: `${kube}/provider-os/cinder-csi-plugin`, tag: vTag('cinder-csi-plugin'), programs: { '/bin/cinder-csi-plugin': 'cinder-csi-plugin' },
    diskPrograms: ['blkid', 'blockdev', 'findmnt', 'fsck', 'mkfs.ext4', 'mount', 'resize2fs', 'udevadm'],
    entrypoint: [], command: ['/bin/cinder-csi-plugin'],
  },
  ...(['csi-attacher', 'csi-provisioner', 'csi-resizer', 'csi-snapshotter', 'snapshot-controller'] as const).map(sidecar),
  companion(csiCompanions.registrar),
  companion(csiCompanions.probe),
];

export const standIns: readonly StandIn[] = [
  { repository: `${kube}/pause`, entrypoint: ['/usr/bin/sleep', 'infinity'], reason: 'pause only waits; pods here are held by pinned namespaces, and kubeadm asks for the image before anything runs' },
];

/** What a reference stands for. A digest cannot be checked without a registry, so a reference needs a tag to match. */
export function matchImage(reference: string): ImageMatch {
  const { repository, tag } = parseReference(reference);
  const standIn = standIns.find((image) => image.repository === repository);
  if (standIn) return { kind: 'standIn', image: standIn };
  const images = toolImages.filter((candidate) => candidate.repository === repository);
  if (images.length === 0) return { kind: 'unknown', why: 'the sandbox pulls from no registry and has no image of that name' };
  const image = images.find((candidate) => candidate.tag === tag);
  return image ? { kind: 'tool', image } : { kind: 'unknown', why: `the sandbox has only ${images.map((candidate) => `${candidate.repository}:${candidate.tag}`).join(', ')}` };
}

/** The parts of a reference, with the defaults of distribution/reference: docker.io, library/, latest. */
export function parseReference(reference: string): { readonly repository: string; readonly tag: string | undefined; readonly digest: string | undefined } {
  const [named = '', digest] = reference.split('@', 2);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const path = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? (digest === undefined ? 'latest' : undefined) : named.slice(colon + 1);
  const [first = '', ...rest] = path.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const repository = hasRegistry ? path : `docker.io/${rest.length > 0 ? path : `library/${path}`}`;
  return { repository, tag, digest };
}

/** Pods and containers as CRI reports them. */
import type { Container } from './containers.ts';
import type { Image } from './image-store.ts';
import type { Pod } from './pods.ts';

export function podStatus(pod: Pod): object {
  return {
    id: pod.id, metadata: pod.config.metadata, state: pod.state, createdAt: pod.createdAt, network: { ip: pod.address, additionalIps: [] },
    linux: { namespaces: { options: pod.options } }, labels: pod.config.labels, annotations: pod.config.annotations, runtimeHandler: '',
  };
}

export function podListItem(pod: Pod): object {
  return { id: pod.id, metadata: pod.config.metadata, state: pod.state, createdAt: pod.createdAt, labels: pod.config.labels, annotations: pod.config.annotations };
}

export function containerStatus(container: Container): object {
  const { config, image, plan } = container;
  return {
    id: container.id, metadata: config.metadata, state: container.state, createdAt: container.createdAt, startedAt: container.startedAt, finishedAt: container.finishedAt,
    exitCode: container.exitCode, reason: container.reason, message: container.message,
    image: { image: image.tag }, imageRef: imageReference(image), imageId: image.id,
    labels: config.labels, annotations: config.annotations, mounts: config.mounts, logPath: container.logPath,
    user: plan ? { linux: { uid: String(plan.process.uid), gid: String(plan.process.gid), supplementalGroups: [plan.process.gid, ...plan.process.groups].map(String) } } : null,
  };
}

export function containerListItem(container: Container): object {
  const { config, image } = container;
  return {
    id: container.id, podSandboxId: container.pod.id, metadata: config.metadata, state: container.state, createdAt: container.createdAt,
    image: { image: image.tag }, imageRef: imageReference(image), imageId: image.id, labels: config.labels, annotations: config.annotations,
  };
}

export function imageStatus(image: Image): object {
  const isNumeric = /^\d+(:|$)/.test(image.user);
  return {
    id: image.id, repoTags: [image.tag], repoDigests: [imageReference(image)], size: String(image.sizeBytes), pinned: false, spec: { image: image.tag },
    // The kubelet checks runAsNonRoot by these two: a number, or a name it cannot verify.
    uid: isNumeric ? { value: image.user.split(':')[0] ?? '0' } : image.user === '' ? { value: '0' } : null,
    username: isNumeric ? '' : (image.user.split(':')[0] ?? ''),
  };
}

function imageReference(image: Image): string {
  return `${image.tag.slice(0, image.tag.lastIndexOf(':'))}@${image.digest}`;
}

/** Figures of containers and pods: CPU time, and memory as the resident pages of its processes. */
import { statfsSync } from 'node:fs';
import type { Container } from './containers.ts';
import { nanoseconds, type Pod } from './pods.ts';

const value = (figure: number | bigint) => ({ value: String(figure) });

/** ContainerStats of CRI. The writable layer is a tmpfs: its pages are memory, and no disk is used. */
export function containerStats(container: Container, stateDir: string): object {
  const timestamp = nanoseconds();
  const resident = container.processes.residentBytes();
  return {
    attributes: { id: container.id, metadata: container.config.metadata, labels: container.config.labels, annotations: container.config.annotations },
    cpu: { timestamp, usageCoreNanoSeconds: value(container.processes.cpuNanoseconds()) },
    memory: { timestamp, workingSetBytes: value(resident), usageBytes: value(resident), rssBytes: value(resident) },
    writableLayer: { timestamp, fsId: { mountpoint: stateDir }, usedBytes: value(0), inodesUsed: value(0) },
  };
}

/** PodSandboxStats of CRI: the sum of its running containers. */
export function podStats(pod: Pod, containers: readonly Container[], stateDir: string): object {
  const timestamp = nanoseconds();
  const cpu = containers.reduce((sum, container) => sum + container.processes.cpuNanoseconds(), 0n);
  const resident = containers.reduce((sum, container) => sum + container.processes.residentBytes(), 0);
  return {
    attributes: { id: pod.id, metadata: pod.config.metadata, labels: pod.config.labels, annotations: pod.config.annotations },
    linux: {
      cpu: { timestamp, usageCoreNanoSeconds: value(cpu) },
      memory: { timestamp, workingSetBytes: value(resident), usageBytes: value(resident), rssBytes: value(resident) },
      containers: containers.map((container) => containerStats(container, stateDir)),
    },
  };
}

/** Use of the file system that images and containers live on. */
export function fileSystemUsage(directory: string): object {
  const { blocks, bfree, bsize, files, ffree } = statfsSync(directory);
  return { timestamp: nanoseconds(), fsId: { mountpoint: directory }, usedBytes: value((blocks - bfree) * bsize), inodesUsed: value(files - ffree) };
}

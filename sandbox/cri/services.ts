/** The two CRI services as tables: one line per call, the work is in the rooms they name. */
import { execSync, execSession } from './streaming/exec.ts';
import { attachSession } from './streaming/attach.ts';
import { RuntimeError } from './errors.ts';
import type { ContainerConfig, ContainerFilter, ImageSpec, PodFilter, PodSandboxConfig, StreamRequest } from './messages.ts';
import { nanoseconds } from './pods.ts';
import type { Runtime } from './runtime.ts';
import { containerStats, fileSystemUsage, podStats } from './stats.ts';
import { containerListItem, containerStatus, imageStatus, podListItem, podStatus } from './status.ts';

/** A call: request to response, or a promise of it. Thrown errors become gRPC statuses. */
export type Call<Request> = (request: Request) => object | Promise<object>;
// The table is keyed by name; each entry states the request it reads, as the .proto gives it.
export type Calls = Readonly<Record<string, Call<never>>>;

interface ById { readonly containerId: string }
interface ByPod { readonly podSandboxId: string }

export function runtimeCalls(runtime: Runtime): Calls {
  const { config, containers, events, forwarder, images, network, pods, streaming } = runtime;
  const running = (filter: ContainerFilter | null) => containers.list(filter).filter((container) => container.state === 'CONTAINER_RUNNING');
  const statsOf = (id: string) => {
    const pod = pods.get(id);
    return podStats(pod, containers.of(pod).filter((container) => container.state === 'CONTAINER_RUNNING'), config.stateDir);
  };
  return {
    Version: () => ({ version: '0.1.0', runtimeName: 'keelson', runtimeVersion: '0.1.0', runtimeApiVersion: 'v1' }),
    Status: () => ({
      status: {
        conditions: [
          { type: 'RuntimeReady', status: true, reason: '', message: '' },
          network.isReady ? { type: 'NetworkReady', status: true, reason: '', message: '' } : { type: 'NetworkReady', status: false, reason: 'NetworkPluginNotReady', message: 'the node has no podCIDR yet' },
        ],
      },
      runtimeHandlers: [{ name: '', features: { recursiveReadOnlyMounts: false, userNamespaces: false } }],
      features: { supplementalGroupsPolicy: true },
    }),
    RuntimeConfig: () => ({ linux: { cgroupDriver: 'CGROUPFS' } }),
    UpdateRuntimeConfig: async ({ runtimeConfig }: { runtimeConfig: { networkConfig: { podCidr: string } | null } | null }) => {
      await network.setPodCidr(runtimeConfig?.networkConfig?.podCidr ?? '');
      return {};
    },

    RunPodSandbox: async ({ config: wanted }: { config: PodSandboxConfig }) => ({ podSandboxId: (await pods.run(wanted)).id }),
    StopPodSandbox: async ({ podSandboxId }: ByPod) => {
      const pod = pods.find(podSandboxId);
      if (pod) await runtime.stopPod(pod);
      return {};
    },
    RemovePodSandbox: async ({ podSandboxId }: ByPod) => {
      const pod = pods.find(podSandboxId);
      if (pod) await runtime.removePod(pod);
      return {};
    },
    PodSandboxStatus: ({ podSandboxId }: ByPod) => {
      const pod = pods.get(podSandboxId);
      return { status: podStatus(pod), info: {}, timestamp: nanoseconds(), containersStatuses: containers.of(pod).map(containerStatus) };
    },
    ListPodSandbox: ({ filter }: { filter: PodFilter | null }) => ({ items: pods.list(filter).map(podListItem) }),

    CreateContainer: ({ podSandboxId, config: wanted, sandboxConfig }: ByPod & { config: ContainerConfig; sandboxConfig: PodSandboxConfig | null }) => {
      const image = images.find(wanted.image.image) ?? images.find(wanted.image.userSpecifiedImage);
      if (!image) throw new RuntimeError('NOT_FOUND', `failed to resolve image "${wanted.image.image}": not found`);
      const pod = pods.get(podSandboxId);
      const container = containers.create(pod, image, wanted, sandboxConfig?.logDirectory || pod.config.logDirectory);
      events.emit(container, 'CONTAINER_CREATED_EVENT');
      return { containerId: container.id };
    },
    StartContainer: async ({ containerId }: ById) => {
      const container = containers.get(containerId);
      await containers.start(container);
      events.emit(container, 'CONTAINER_STARTED_EVENT');
      return {};
    },
    StopContainer: async ({ containerId, timeout }: ById & { timeout: string }) => {
      const container = containers.find(containerId);
      if (container) await containers.stop(container, Number(timeout));
      return {};
    },
    RemoveContainer: async ({ containerId }: ById) => {
      const container = containers.find(containerId);
      if (container) await runtime.removeContainer(container);
      return {};
    },
    ListContainers: ({ filter }: { filter: ContainerFilter | null }) => ({ containers: containers.list(filter).map(containerListItem) }),
    ContainerStatus: ({ containerId }: ById) => ({ status: containerStatus(containers.get(containerId)), info: {} }),
    UpdateContainerResources: () => ({}),
    UpdatePodSandboxResources: () => ({}),
    ReopenContainerLog: ({ containerId }: ById) => {
      const container = containers.get(containerId);
      if (container.state !== 'CONTAINER_RUNNING') throw new RuntimeError('FAILED_PRECONDITION', `container ${containerId} is not running`);
      container.log.reopen();
      return {};
    },

    ExecSync: ({ containerId, cmd, timeout }: ById & { cmd: string[]; timeout: string }) => execSync(containers.get(containerId), cmd, Number(timeout)),
    Exec: (request: ById & StreamRequest & { cmd: string[] }) => ({ url: streaming.url('exec', execSession(containers.get(request.containerId), request.cmd, request)) }),
    Attach: (request: ById & StreamRequest) => ({ url: streaming.url('attach', attachSession(containers.get(request.containerId), request)) }),
    PortForward: ({ podSandboxId, port }: ByPod & { port: number[] }) => ({ url: streaming.url('portforward', forwarder.session(pods.get(podSandboxId), port)) }),

    ContainerStats: ({ containerId }: ById) => ({ stats: containerStats(containers.get(containerId), config.stateDir) }),
    ListContainerStats: ({ filter }: { filter: ContainerFilter | null }) => ({ stats: running(filter).map((container) => containerStats(container, config.stateDir)) }),
    PodSandboxStats: ({ podSandboxId }: ByPod) => ({ stats: statsOf(podSandboxId) }),
    ListPodSandboxStats: ({ filter }: { filter: PodFilter | null }) => ({ stats: pods.list(filter).filter((pod) => pod.state === 'SANDBOX_READY').map((pod) => statsOf(pod.id)) }),
  };
}

export function imageCalls({ config, images }: Runtime): Calls {
  return {
    ListImages: ({ filter }: { filter: { image: ImageSpec | null } | null }) => {
      const wanted = filter?.image?.image;
      const found = wanted ? [images.find(wanted)].filter((image) => image !== undefined) : images.list();
      return { images: found.map(imageStatus) };
    },
    ImageStatus: ({ image }: { image: ImageSpec }) => {
      const found = images.find(image.image);
      return { image: found ? imageStatus(found) : null, info: {} };
    },
    PullImage: async ({ image }: { image: ImageSpec }) => ({ imageRef: (await images.pull(image.image)).id }),
    RemoveImage: ({ image }: { image: ImageSpec }) => {
      images.remove(image.image);
      return {};
    },
    ImageFsInfo: () => ({ imageFilesystems: [fileSystemUsage(config.stateDir)], containerFilesystems: [fileSystemUsage(config.stateDir)] }),
  };
}

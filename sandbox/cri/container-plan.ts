/** From what the kubelet asks for, what the image says and what the pod shares: the plan of one container. Reads the image's accounts, changes nothing. */
import { boundingSet, capabilityArguments } from './capabilities.ts';
import type { ContainerPlan, ProcessSpec, ScriptMount } from './container-script.ts';
import { RuntimeError } from './errors.ts';
import { imageFile, type Image } from './image-store.ts';
import type { ContainerConfig, ContainerSecurityContext } from './messages.ts';
import type { Pod } from './pods.ts';
import { resolveUser, type User } from './users.ts';

export interface PlanRequest {
  readonly directory: string;
  readonly skeleton: string;
  readonly pod: Pod;
  readonly image: Image;
  readonly config: ContainerConfig;
  /** Files of the runtime that every container gets: resolv.conf, hostname. */
  readonly files: readonly { readonly source: string; readonly target: string }[];
  /** The server has one user, in a user namespace: who shall be somebody else gets no rights instead. */
  readonly isOneUser: boolean;
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const propagations = { PROPAGATION_PRIVATE: 'private', PROPAGATION_HOST_TO_CONTAINER: 'slave', PROPAGATION_BIDIRECTIONAL: 'shared' } as const;

/** Throws INVALID_ARGUMENT for a user the image does not know and for a container without a command. */
export function planContainer({ directory, skeleton, pod, image, config, files, isOneUser }: PlanRequest): ContainerPlan {
  const security = config.linux?.securityContext ?? undefined;
  const mounts: ScriptMount[] = [
    ...files.map((file) => ({ ...file, isReadonly: false, propagation: 'private' as const })),
    { source: pod.namespaces.shm, target: '/dev/shm', isReadonly: false, propagation: 'private' },
    ...config.devices.map((device) => ({ source: device.hostPath, target: device.containerPath, isReadonly: false, propagation: 'private' as const })),
    ...config.mounts.filter((mount) => mount.hostPath !== '').map((mount) => ({ source: mount.hostPath, target: mount.containerPath, isReadonly: mount.readonly, propagation: propagations[mount.propagation] })),
  ];
  return {
    directory, skeleton, root: image.root,
    usesServerNetwork: pod.namespaces.network === undefined,
    usesServerPids: security?.namespaceOptions?.pid === 'NODE',
    isPrivileged: security?.privileged ?? false,
    isOneUser,
    isRootReadonly: security?.readonlyRootfs ?? false,
    mounts: lastOfEachTarget(mounts),
    // The kubelet sends the default lists for privileged containers too; containerd leaves them out there, and so does this runtime.
    maskedPaths: security?.privileged ? [] : (security?.maskedPaths ?? []),
    readonlyPaths: security?.privileged ? [] : (security?.readonlyPaths ?? []),
    oomScoreAdj: config.linux?.resources ? Number(config.linux.resources.oomScoreAdj) : undefined,
    process: planProcess({ config, image, pod, isOneUser, user: userOf(security, image, skeleton) }),
  };
}

/** The same identity and environment for a command beside the container's own (exec). */
export function execProcess(plan: ContainerPlan, argv: readonly string[], isTty: boolean): ProcessSpec {
  const { process } = plan;
  const hasTerm = process.environment.some(([key]) => key === 'TERM');
  return { ...process, argv, environment: isTty && !hasTerm ? [...process.environment, ['TERM', 'xterm']] : process.environment };
}

function planProcess({ config, image, pod, user, isOneUser }: Pick<PlanRequest, 'config' | 'image' | 'pod' | 'isOneUser'> & { readonly user: User }): ProcessSpec {
  // Kubernetes' command replaces both ENTRYPOINT and CMD, its args only CMD.
  const args = config.args.length > 0 || config.command.length > 0 ? config.args : image.command;
  const argv = [...(config.command.length > 0 ? config.command : image.entrypoint), ...args];
  if (argv.length === 0) throw new RuntimeError('INVALID_ARGUMENT', `container ${config.metadata.name}: no command specified, and image ${image.tag} has none`);
  const environment = new Map<string, string>([['PATH', defaultPath], ['HOSTNAME', pod.config.hostname]]);
  for (const entry of image.environment) {
    const equals = entry.indexOf('=');
    environment.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  for (const { key, value } of config.envs) environment.set(key, value);
  if (!environment.has('HOME')) environment.set('HOME', user.home);
  const security = config.linux?.securityContext;
  const wished = { privileged: security?.privileged ?? false, add: security?.capabilities?.addCapabilities ?? [], drop: security?.capabilities?.dropCapabilities ?? [] };
  // The kernel takes capabilities away when root becomes somebody else. Where there is nobody else that is ours to do.
  const capabilities = boundingSet(isOneUser && user.uid !== 0 ? { privileged: false, add: [], drop: ['ALL'] } : wished);
  return {
    argv, environment: [...environment], workingDir: config.workingDir || image.workingDir || '/',
    uid: user.uid, gid: user.gid, groups: user.groups,
    privileges: [...capabilityArguments(capabilities), ...(security?.noNewPrivs ? ['--no-new-privs'] : [])],
  };
}

function userOf(security: ContainerSecurityContext | undefined, image: Image, skeleton: string): User {
  const number = (value: { readonly value: string } | null | undefined): number | undefined => (value ? Number(value.value) : undefined);
  return resolveUser({
    imageUser: image.user, uid: number(security?.runAsUser), gid: number(security?.runAsGroup), username: security?.runAsUsername ?? '',
    supplementalGroups: (security?.supplementalGroups ?? []).map(Number), isStrict: security?.supplementalGroupsPolicy === 'Strict',
  }, { passwd: imageFile(image.root, '/etc/passwd', skeleton), group: imageFile(image.root, '/etc/group', skeleton) });
}

/** A mount of the pod's takes the place of one of ours (a pod may bring its own /dev/shm). */
function lastOfEachTarget(mounts: readonly ScriptMount[]): ScriptMount[] {
  return [...new Map(mounts.map((mount) => [mount.target.replace(/(.)\/+$/, '$1'), mount])).values()];
}

/**
 * The messages of CRI v1 as @grpc/proto-loader hands them out (camel case, 64-bit numbers as strings, enums as names),
 * as far as this runtime reads or writes them. Meaning of every field: api.proto.
 */

export interface Value<T> {
  readonly value: T;
}
export type Labels = Readonly<Record<string, string>>;

export type NamespaceMode = 'POD' | 'CONTAINER' | 'NODE' | 'TARGET';
export interface NamespaceOptions {
  readonly network: NamespaceMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly targetId: string;
}

export interface PodMetadata {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly attempt: number;
}
export interface PortMapping {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIp: string;
}
export interface PodSandboxConfig {
  readonly metadata: PodMetadata;
  readonly hostname: string;
  readonly logDirectory: string;
  readonly dnsConfig: { readonly servers: readonly string[]; readonly searches: readonly string[]; readonly options: readonly string[] } | null;
  readonly portMappings: readonly PortMapping[];
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly linux: {
    readonly securityContext: { readonly namespaceOptions: NamespaceOptions | null; readonly privileged: boolean } | null;
    readonly sysctls: Labels;
  } | null;
}

export interface Mount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readonly: boolean;
  readonly propagation: 'PROPAGATION_PRIVATE' | 'PROPAGATION_HOST_TO_CONTAINER' | 'PROPAGATION_BIDIRECTIONAL';
}
export interface ContainerSecurityContext {
  readonly capabilities: { readonly addCapabilities: readonly string[]; readonly dropCapabilities: readonly string[] } | null;
  readonly privileged: boolean;
  readonly namespaceOptions: NamespaceOptions | null;
  readonly runAsUser: Value<string> | null;
  readonly runAsGroup: Value<string> | null;
  readonly runAsUsername: string;
  readonly readonlyRootfs: boolean;
  readonly supplementalGroups: readonly string[];
  readonly supplementalGroupsPolicy: 'Merge' | 'Strict';
  readonly noNewPrivs: boolean;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
}
export interface ImageSpec {
  readonly image: string;
  readonly userSpecifiedImage: string;
}
export interface ContainerConfig {
  readonly metadata: { readonly name: string; readonly attempt: number };
  readonly image: ImageSpec;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir: string;
  readonly envs: readonly { readonly key: string; readonly value: string }[];
  readonly mounts: readonly Mount[];
  readonly devices: readonly { readonly containerPath: string; readonly hostPath: string }[];
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly logPath: string;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  readonly linux: {
    readonly resources: { readonly oomScoreAdj: string } | null;
    readonly securityContext: ContainerSecurityContext | null;
  } | null;
  /** RUNTIME_DEFAULT or a signal name. */
  readonly stopSignal: string;
}

export type PodState = 'SANDBOX_READY' | 'SANDBOX_NOTREADY';
export type ContainerState = 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED' | 'CONTAINER_UNKNOWN';
export type ContainerEventType = 'CONTAINER_CREATED_EVENT' | 'CONTAINER_STARTED_EVENT' | 'CONTAINER_STOPPED_EVENT' | 'CONTAINER_DELETED_EVENT';

export interface PodFilter {
  readonly id: string;
  readonly state: { readonly state: PodState } | null;
  readonly labelSelector: Labels;
}
export interface ContainerFilter {
  readonly id: string;
  readonly state: { readonly state: ContainerState } | null;
  readonly podSandboxId: string;
  readonly labelSelector: Labels;
}
export interface StreamRequest {
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

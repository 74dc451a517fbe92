/** What Nova remembers. */

export interface FlavorRecord {
  id: string;
  name: string;
  vcpus: number;
  ramMb: number;
  diskGb: number;
  extraSpecs: Record<string, string>;
}

export interface ServerRecord {
  id: string;
  name: string;
  hostname: string;
  description: string | null;
  project_id: string;
  user_id: string;
  flavorId: string;
  /** Empty for a server that boots from a volume. */
  imageId: string;
  imageName: string;
  /** The zone the client asked for, then that of its host. Empty: it asked for none and has no host. */
  zone: string;
  /** Empty until the scheduler has chosen one. */
  host: string;
  userData: string;
  configDrive: boolean;
  keyName: string | null;
  metadata: Record<string, string>;
  tags: string[];
  serverGroupId: string | null;
  vmState: 'building' | 'active' | 'stopped' | 'error' | 'deleted';
  taskState: string | null;
  powerState: 0 | 1 | 4;
  locked: boolean;
  createdAt: string;
  updatedAt: string;
  launchedAt: string | null;
  fault?: { code: number; message: string; created: string };
  /** Ports that Nova made itself and deletes with the server. */
  ownPorts: string[];
  /** In the order of their devices. */
  volumes: ServerVolume[];
  reservationId: string;
  /** Set on servers that are gone. */
  terminatedAt?: string;
}

/** A volume of a server. */
export interface ServerVolume {
  /** Empty until Nova has made it. */
  volume_id: string;
  /** Cinder's attachment; empty until there is one. */
  attachment_id: string;
  /** Nova's own name for the pair. */
  bdm_id: string;
  /** `/dev/vdb` */
  device: string;
  is_root: boolean;
  delete_on_termination: boolean;
  tag: string | null;
  /** What Nova makes the volume of, where the client left that to Nova. */
  make?: { size: number; image_id?: string; snapshot_id?: string; volume_type?: string };
}

/** A host servers run on. */
export interface HostRecord {
  name: string;
  zone: string;
  /** Id of its nova-compute. */
  service_id: string;
  is_enabled: boolean;
  disabled_reason: string | null;
  vcpus: number;
  ramMb: number;
  diskGb: number;
  created_at: string;
}

export interface KeypairRecord {
  name: string;
  user_id: string;
  type: string;
  public_key: string;
  fingerprint: string;
  created_at: string;
}

export interface ServerGroupRecord {
  id: string;
  name: string;
  project_id: string;
  user_id: string;
  policy: string;
  rules: Record<string, unknown>;
}

export interface NovaState {
  flavors: Record<string, FlavorRecord>;
  servers: Record<string, ServerRecord>;
  /** By `<user id>/<name>`. */
  keypairs: Record<string, KeypairRecord>;
  serverGroups: Record<string, ServerGroupRecord>;
  quotas: Record<string, Record<string, number>>;
  hosts: Record<string, HostRecord>;
  /** Servers that are gone, oldest first: administrators may still list them. */
  deletedServers: Record<string, ServerRecord>;
}

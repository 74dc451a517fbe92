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
  zone: string;
  /** The zone the client asked for; Nova shows it until a host is chosen. */
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
}

/** What Cinder remembers. Sizes are in GiB. */

export type VolumeStatus =
  | 'creating' | 'available' | 'reserved' | 'attaching' | 'in-use' | 'detaching' | 'extending' | 'maintenance' | 'awaiting-transfer' | 'deleting'
  | 'error' | 'error_deleting' | 'error_extending';

/** States that end by themselves. */
export const pendingVolumeStatuses: readonly VolumeStatus[] = ['creating', 'extending', 'deleting'];

export interface VolumeRecord {
  id: string;
  name: string | null;
  description: string | null;
  project_id: string;
  user_id: string;
  size: number;
  status: VolumeStatus;
  availability_zone: string;
  volume_type_id: string;
  metadata: Record<string, string>;
  multiattach: boolean;
  bootable: boolean;
  snapshot_id: string | null;
  source_volid: string | null;
  /** The image it was made from, and what Glance said of it then. Empty: from no image. */
  image_metadata: Record<string, string>;
  created_at: string;
  updated_at: string | null;
  /** What an extend under way comes to, and the state it goes back to. */
  extending?: { size: number; then: VolumeStatus };
}

export interface AttachmentRecord {
  id: string;
  volume_id: string;
  server_id: string;
  status: 'reserved' | 'attaching' | 'attached' | 'detaching';
  /** Where the server sees it: `/dev/vdb`. Empty until it is attached. */
  device: string;
  host: string;
  attached_at: string | null;
}

export interface SnapshotRecord {
  id: string;
  name: string | null;
  description: string | null;
  project_id: string;
  user_id: string;
  volume_id: string;
  size: number;
  status: 'creating' | 'available' | 'deleting' | 'error';
  metadata: Record<string, string>;
  created_at: string;
  updated_at: string | null;
}

export interface VolumeTypeRecord {
  id: string;
  name: string;
  description: string | null;
  extra_specs: Record<string, string>;
}

/** An offer of a volume to another project. */
export interface TransferRecord {
  id: string;
  name: string;
  volume_id: string;
  /** SHA-256 of the key, which only the answer to the offer shows. */
  key_hash: string;
  created_at: string;
}

export interface CinderState {
  /** The first is where volumes go that ask for none. */
  zones: string[];
  types: Record<string, VolumeTypeRecord>;
  volumes: Record<string, VolumeRecord>;
  snapshots: Record<string, SnapshotRecord>;
  attachments: Record<string, AttachmentRecord>;
  transfers: Record<string, TransferRecord>;
  /** Limits that differ from the default, by project, then by resource. -1 is no limit. */
  quotas: Record<string, Record<string, number>>;
}

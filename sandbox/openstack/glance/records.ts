/** What Glance remembers. */

export interface ImageRecord {
  id: string;
  name: string;
  owner: string;
  visibility: 'public' | 'private' | 'shared' | 'community';
  status: 'queued' | 'active' | 'deactivated';
  size: number | null;
  disk_format: string;
  container_format: string;
  checksum: string | null;
  os_hash_algo: string | null;
  os_hash_value: string | null;
  min_disk: number;
  min_ram: number;
  protected: boolean;
  os_hidden: boolean;
  tags: string[];
  created_at: string;
  updated_at: string;
  /** Free properties, shown beside the fixed ones: os_distro, hw_rng_model … */
  properties: Record<string, string>;
}

export interface GlanceState {
  images: Record<string, ImageRecord>;
}

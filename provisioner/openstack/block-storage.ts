/** Cinder, the calls we make: https://docs.openstack.org/api-ref/block-storage/v3/ */
import { z } from 'zod';
import { listAll } from './collection.ts';
import { checked, deleted, type Deletion, type Quota } from './network.ts';
import type { CallOptions, Session } from './session.ts';

const metadata = z.record(z.string(), z.string()).default({});
const volume = z.looseObject({ id: z.string(), name: z.string().nullable(), status: z.string(), size: z.number(), attachments: z.array(z.unknown()).default([]), metadata });
const snapshot = z.looseObject({ id: z.string(), name: z.string().nullable(), status: z.string(), volume_id: z.string(), metadata });
const volumeType = z.looseObject({ id: z.string(), name: z.string() });
const zone = z.looseObject({ zoneName: z.string(), zoneState: z.looseObject({ available: z.boolean() }) });

export type VolumeRecord = z.output<typeof volume>;
export type SnapshotRecord = z.output<typeof snapshot>;
export type VolumeTypeRecord = z.output<typeof volumeType>;

/** Gigabytes are those of volumes and snapshots together. */
export interface BlockStorageLimits {
  readonly volumes: Quota;
  readonly gigabytes: Quota;
}

type Call = Pick<CallOptions, 'signal'>;

export class BlockStorage {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  volumes = (call: Call = {}): Promise<VolumeRecord[]> => this.#list('/volumes/detail', 'volumes', volume, call);
  snapshots = (call: Call = {}): Promise<SnapshotRecord[]> => this.#list('/snapshots/detail', 'snapshots', snapshot, call);
  types = (call: Call = {}): Promise<VolumeTypeRecord[]> => this.#list('/types', 'volume_types', volumeType, call);

  /** Names of the zones that take volumes; they need not be those of servers. */
  async zones(call: Call = {}): Promise<string[]> {
    const answer = await this.#session.call('volumev3', 'GET', '/os-availability-zone', call);
    return checked(z.looseObject({ availabilityZoneInfo: z.array(zone) }), answer, 'GET /os-availability-zone').availabilityZoneInfo.filter((one) => one.zoneState.available).map((one) => one.zoneName);
  }

  /** Limits of the session's project; -1 is none. */
  async limits(call: Call = {}): Promise<BlockStorageLimits> {
    const answer = await this.#session.call('volumev3', 'GET', '/limits', call);
    const { absolute } = checked(z.looseObject({ limits: z.looseObject({ absolute: z.record(z.string(), z.number()) }) }), answer, 'GET /limits').limits;
    const of = (max: string, used: string): Quota => ({ limit: absolute[max] ?? -1, used: absolute[used] ?? 0 });
    return { volumes: of('maxTotalVolumes', 'totalVolumesUsed'), gigabytes: of('maxTotalVolumeGigabytes', 'totalGigabytesUsed') };
  }

  /** Adds to the metadata of a volume; what is there under other keys stays. */
  async describeVolume(id: string, added: Readonly<Record<string, string>>, call: Call = {}): Promise<void> {
    await this.#session.call('volumev3', 'POST', `/volumes/${id}/metadata`, { ...call, body: { metadata: added } });
  }

  async describeSnapshot(id: string, added: Readonly<Record<string, string>>, call: Call = {}): Promise<void> {
    await this.#session.call('volumev3', 'POST', `/snapshots/${id}/metadata`, { ...call, body: { metadata: added } });
  }

  /** Going when this returns, not gone. @throws CloudError CLOUD_INVALID while it is attached or has snapshots */
  deleteVolume = (id: string, call: Call = {}): Promise<Deletion> => deleted(this.#session.call('volumev3', 'DELETE', `/volumes/${id}`, call));
  deleteSnapshot = (id: string, call: Call = {}): Promise<Deletion> => deleted(this.#session.call('volumev3', 'DELETE', `/snapshots/${id}`, call));

  async #list<T>(path: string, name: string, schema: z.ZodType<T>, call: Call): Promise<T[]> {
    const items = await listAll(this.#session, 'volumev3', { path, name }, call);
    return items.map((item) => checked(schema, item, `GET ${path}`));
  }
}

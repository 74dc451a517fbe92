/** What happens to volumes and snapshots after the API said yes. A pending record says all that is left to do, so that a restart can end it too. */
import type { Core } from '../core.ts';
import { attachmentsOf } from './find.ts';
import { pendingVolumeStatuses, type SnapshotRecord, type VolumeRecord, type VolumeStatus } from './records.ts';
import { cinderTime } from './views.ts';

export class VolumeLife {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Ends what an earlier life left pending. */
  resume(): void {
    const { volumes, snapshots } = this.#core.state.cinder;
    for (const volume of Object.values(volumes)) if (pendingVolumeStatuses.includes(volume.status)) void this.#settle(volume);
    for (const snapshot of Object.values(snapshots)) if (snapshot.status === 'creating' || snapshot.status === 'deleting') this.#settleSnapshot(snapshot);
  }

  /** A record that is `creating` becomes available. @returns when it is, or is in error */
  create(volume: VolumeRecord): Promise<void> {
    return this.#settle(volume);
  }

  extend(volume: VolumeRecord, size: number): void {
    volume.extending = { size, then: volume.status };
    this.setStatus(volume, 'extending');
    void this.#settle(volume);
  }

  /** Its snapshots go first. */
  remove(volume: VolumeRecord): void {
    this.setStatus(volume, 'deleting');
    void this.#settle(volume);
  }

  createSnapshot(snapshot: SnapshotRecord): void {
    this.#settleSnapshot(snapshot);
  }

  removeSnapshot(snapshot: SnapshotRecord): void {
    snapshot.status = 'deleting';
    this.#settleSnapshot(snapshot);
  }

  setStatus(volume: VolumeRecord, status: VolumeStatus): void {
    volume.status = status;
    volume.updated_at = cinderTime(this.#core);
  }

  /** What the attachments say: in use, being attached, reserved or available. */
  followAttachments(volume: VolumeRecord): void {
    const states = attachmentsOf(this.#core, volume.id).map((one) => one.status);
    const order = [['detaching', 'detaching'], ['attached', 'in-use'], ['attaching', 'attaching'], ['reserved', 'reserved']] as const;
    this.setStatus(volume, order.find(([state]) => states.includes(state))?.[1] ?? 'available');
  }

  #settle(volume: VolumeRecord): Promise<void> {
    const { storage, clock, delays, background, state } = this.#core;
    const pending = volume.status;
    return new Promise((resolve) => background.run(`${pending} volume ${volume.id}`, async (signal) => {
      await clock.sleep(delays.volumeMs, signal);
      try {
        if (pending === 'creating') {
          await storage.create({ id: volume.id, sizeGb: volume.size, ...contentOf(volume) });
          this.setStatus(volume, 'available');
        } else if (pending === 'extending' && volume.extending) {
          const { size, then } = volume.extending;
          await storage.extend(volume.id, size);
          volume.size = size;
          delete volume.extending;
          this.setStatus(volume, then);
        } else if (pending === 'deleting') {
          await storage.remove('volume', volume.id);
          Reflect.deleteProperty(state.cinder.volumes, volume.id);
        }
      } catch (error) {
        this.#core.log.error({ volume: volume.id, pending, error: String(error) }, 'the storage refused');
        this.setStatus(volume, failures[pending] ?? 'error');
      }
      resolve();
    }));
  }

  #settleSnapshot(snapshot: SnapshotRecord): void {
    const { storage, clock, delays, background, state } = this.#core;
    const pending = snapshot.status;
    background.run(`${pending} snapshot ${snapshot.id}`, async (signal) => {
      await clock.sleep(delays.volumeMs, signal);
      try {
        if (pending === 'creating') await storage.snapshot({ id: snapshot.id, volumeId: snapshot.volume_id });
        else await storage.remove('snapshot', snapshot.id);
      } catch (error) {
        this.#core.log.error({ snapshot: snapshot.id, pending, error: String(error) }, 'the storage refused');
        snapshot.status = 'error';
        return;
      }
      if (pending === 'deleting') return void Reflect.deleteProperty(state.cinder.snapshots, snapshot.id);
      snapshot.status = 'available';
      snapshot.updated_at = cinderTime(this.#core);
    });
  }
}

const failures: Partial<Record<VolumeStatus, VolumeStatus>> = { extending: 'error_extending', deleting: 'error_deleting' };

function contentOf(volume: VolumeRecord): { from?: { kind: 'volume' | 'snapshot'; id: string } } {
  if (volume.snapshot_id !== null) return { from: { kind: 'snapshot', id: volume.snapshot_id } };
  return volume.source_volid === null ? {} : { from: { kind: 'volume', id: volume.source_volid } };
}

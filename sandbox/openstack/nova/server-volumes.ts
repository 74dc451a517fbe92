/** Volumes of servers: reserved when a server asks for them, attached when it runs, freed when it goes. */
import { randomUUID } from 'node:crypto';
import { complete, mark, release, reserve } from '../cinder/attachments.ts';
import { findVolume } from '../cinder/find.ts';
import type { AttachmentRecord, VolumeRecord } from '../cinder/records.ts';
import { createVolume } from '../cinder/volume-create.ts';
import type { VolumeLife } from '../cinder/volume-life.ts';
import { newId, type Core } from '../core.ts';
import { ApiError, badRequest } from '../errors.ts';
import { anonymous, type Caller } from '../http/service.ts';
import { nextDevice } from './block-devices.ts';
import type { ServerRecord, ServerVolume } from './records.ts';

export class ServerVolumes {
  readonly #core: Core;
  readonly #life: VolumeLife;

  constructor(core: Core, life: VolumeLife) {
    this.#core = core;
    this.#life = life;
  }

  /** Nobody else gets the volumes of a new server. All or none. @throws ApiError 400 when one is not free */
  reserveAll(server: ServerRecord): void {
    try {
      for (const one of server.volumes) if (one.volume_id !== '') this.#reserve(server, one);
    } catch (error) {
      this.releaseAll(server);
      throw error;
    }
  }

  /** Makes what Nova was asked to make, and waits for it. */
  async makeMissing(server: ServerRecord): Promise<void> {
    const caller: Caller = { ...anonymous, projectId: server.project_id, userId: server.user_id };
    for (const one of server.volumes) {
      if (!one.make || one.volume_id !== '') continue;
      const { size, image_id, snapshot_id, volume_type } = one.make;
      const volume = createVolume(this.#core, {
        name: '', description: '', size, ...(volume_type === undefined ? {} : { volume_type }),
        ...(image_id === undefined ? {} : { imageRef: image_id }), ...(snapshot_id === undefined ? {} : { snapshot_id }),
      }, caller);
      one.volume_id = volume.id;
      await this.#life.create(volume);
      this.#reserve(server, one);
    }
  }

  /** The server runs and has them all. */
  completeAll(server: ServerRecord): void {
    for (const one of server.volumes) {
      const attachment = this.#attachment(one);
      if (attachment) complete(this.#core, this.#life, attachment, { device: one.device, host: server.host });
    }
  }

  /** The server is gone: volumes are free again, and gone with it where it was made so, but for those with snapshots: Cinder refuses to delete these, and Nova leaves it at that. */
  releaseAll(server: ServerRecord): void {
    for (const one of server.volumes) {
      const attachment = this.#attachment(one);
      if (attachment) release(this.#core, this.#life, attachment);
      const { volumes, snapshots } = this.#core.state.cinder;
      const volume = volumes[one.volume_id];
      const hasSnapshots = Object.values(snapshots).some((snapshot) => snapshot.volume_id === one.volume_id);
      if (volume && !hasSnapshots && one.delete_on_termination && server.taskState === 'deleting' && volume.status === 'available') this.#life.remove(volume);
    }
    server.volumes = [];
  }

  /** Attaches a volume to a server that exists. @throws ApiError 400, 404 */
  attach(server: ServerRecord, volumeId: string, o: { caller: Caller; tag: string | null; deleteOnTermination: boolean }): ServerVolume {
    const volume = findVolume(this.#core, volumeId, o.caller);
    this.#checkFree(volume);
    const used = new Set(['/dev/vda', ...server.volumes.map((one) => one.device)]);
    const one: ServerVolume = {
      volume_id: volume.id, attachment_id: '', bdm_id: newId(this.#core), device: nextDevice(used), is_root: false, delete_on_termination: o.deleteOnTermination, tag: o.tag,
    };
    this.#reserve(server, one);
    server.volumes.push(one);
    this.#background(`attach volume ${volume.id} to ${server.id}`, one, async (attachment) => {
      mark(this.#core, this.#life, attachment, 'attaching');
      try {
        await this.#core.hypervisor.attachVolume(server.id, { id: volume.id, device: one.device });
        complete(this.#core, this.#life, attachment, { device: one.device, host: server.host });
      } catch (error) {
        this.#core.log.error({ server: server.id, volume: volume.id, error: String(error) }, 'the hypervisor did not attach');
        this.#drop(server, one, attachment);
      }
    });
    return one;
  }

  detach(server: ServerRecord, one: ServerVolume): void {
    const attachment = this.#attachment(one);
    if (attachment) mark(this.#core, this.#life, attachment, 'detaching');
    this.#background(`detach volume ${one.volume_id} from ${server.id}`, one, async (found) => {
      try {
        await this.#core.hypervisor.detachVolume(server.id, one.volume_id);
        this.#drop(server, one, found);
      } catch (error) {
        // As Nova does (roll_detaching): it is attached as before, and can be detached again.
        this.#core.log.error({ server: server.id, volume: one.volume_id, error: String(error) }, 'the hypervisor did not detach');
        complete(this.#core, this.#life, found, { device: one.device, host: server.host });
      }
    });
  }

  /** Ends what an earlier life left between two states, before the server runs again with what it then has. */
  resume(server: ServerRecord): void {
    for (const one of [...server.volumes]) {
      const attachment = this.#attachment(one);
      if (attachment?.status === 'detaching') this.#drop(server, one, attachment);
      else if (attachment && attachment.status !== 'attached') complete(this.#core, this.#life, attachment, { device: one.device, host: server.host });
    }
  }

  #background(what: string, one: ServerVolume, act: (attachment: AttachmentRecord) => Promise<void>): void {
    this.#core.background.run(what, async (signal) => {
      await this.#core.clock.sleep(this.#core.delays.volumeMs, signal);
      const attachment = this.#attachment(one);
      if (attachment) await act(attachment);
    });
  }

  #drop(server: ServerRecord, one: ServerVolume, attachment: AttachmentRecord): void {
    server.volumes = server.volumes.filter((other) => other !== one);
    release(this.#core, this.#life, attachment);
  }

  #attachment(one: ServerVolume): AttachmentRecord | undefined {
    return this.#core.state.cinder.attachments[one.attachment_id];
  }

  /** Nova passes on what Cinder says. */
  #reserve(server: ServerRecord, one: ServerVolume): void {
    const volume = this.#core.state.cinder.volumes[one.volume_id];
    if (!volume) throw badRequest(`Block Device Mapping is Invalid: failed to get volume ${one.volume_id}.`);
    try {
      one.attachment_id = reserve(this.#core, this.#life, volume, server.id).id;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw badRequest(`Invalid volume: Invalid input received: ${error.message} (HTTP ${error.status}) (Request-ID: req-${randomUUID()})`);
    }
  }

  #checkFree(volume: VolumeRecord): void {
    if (volume.multiattach) return;
    const { servers } = this.#core.state.nova;
    const holders = Object.values(servers).filter((server) => server.volumes.some((one) => one.volume_id === volume.id)).map((server) => server.id);
    if (holders.length > 0) throw badRequest(`Invalid volume: volume ${volume.id} is already attached to instances: ${holders.join(', ')}`);
  }
}

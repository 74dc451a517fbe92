/**
 * Where the content of Cinder's volumes and snapshots is: a directory each. To attach a volume is to move its directory below that of the
 * server, which shows it at once and only there; a file system that two could write to is not possible, nor is one of a fixed size.
 */
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Storage } from '../openstack/seams.ts';
import { MachineError } from './errors.ts';

export class VolumeStore implements Storage {
  readonly #directory: string;

  /** @param directory on the same file system as the directories of the servers */
  constructor(directory: string) {
    this.#directory = directory;
  }

  async create({ id, sizeGb, from }: Parameters<Storage['create']>[0]): Promise<void> {
    if (existsSync(this.#place('volumes', id))) return;
    await this.#fill('volumes', id, from && await this.#whereIs(from.kind, from.id));
    await this.extend(id, sizeGb);
  }

  /** The size is told to the server (`volume.sh`), not enforced. */
  async extend(id: string, sizeGb: number): Promise<void> {
    await writeFile(`${await this.#whereIs('volume', id)}/size`, `${sizeGb}\n`);
  }

  async snapshot({ id, volumeId }: Parameters<Storage['snapshot']>[0]): Promise<void> {
    if (existsSync(this.#place('snapshots', id))) return;
    await this.#fill('snapshots', id, await this.#whereIs('volume', volumeId));
  }

  async remove(kind: 'volume' | 'snapshot', id: string): Promise<void> {
    await rm(this.#place(kind === 'volume' ? 'volumes' : 'snapshots', id), { recursive: true, force: true });
  }

  /** Moves the volume's content to `path`. @throws MachineError when another server has it */
  async lend(id: string, path: string): Promise<void> {
    const lentTo = await this.#lentTo(id);
    if (lentTo === path) return;
    if (lentTo !== undefined) throw new MachineError('MACHINE_VOLUME_BUSY', `volume ${id} is attached to another server; the sandbox attaches a volume to one server at a time: detach it there first`);
    const place = this.#place('volumes', id);
    if (!existsSync(`${place}/content`)) throw new MachineError('MACHINE_VOLUME_UNKNOWN', `no volume ${id} in ${this.#directory}: it was not made by this host`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${place}/lent-to`, path);
    await rename(`${place}/content`, path);
  }

  /** Moves it back; fine when it is here already. */
  async takeBack(id: string): Promise<void> {
    const place = this.#place('volumes', id);
    const lentTo = await this.#lentTo(id);
    if (lentTo === undefined) return;
    if (existsSync(lentTo)) await rename(lentTo, `${place}/content`);
    await rm(`${place}/lent-to`, { force: true });
  }

  /** Everything that servers had when an earlier host was killed. */
  async takeAllBack(): Promise<void> {
    for (const id of await readdir(`${this.#directory}/volumes`).catch(() => [])) await this.takeBack(id);
  }

  /** Removes what no cloud knows any more. */
  async prune(known: ReadonlySet<string>): Promise<void> {
    for (const [kind, folder] of [['volume', 'volumes'], ['snapshot', 'snapshots']] as const) {
      const ids = await readdir(`${this.#directory}/${folder}`).catch(() => []);
      for (const id of ids) if (!known.has(id)) await this.remove(kind, id);
    }
  }

  async #fill(kind: 'volumes' | 'snapshots', id: string, from: string | undefined): Promise<void> {
    const place = this.#place(kind, id);
    const unfinished = `${place}.part`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    if (from === undefined) await mkdir(`${unfinished}/content/data`, { recursive: true });
    else await cp(from, `${unfinished}/content`, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    await rename(unfinished, place);
  }

  async #whereIs(kind: 'volume' | 'snapshot', id: string): Promise<string> {
    if (kind === 'snapshot') return `${this.#place('snapshots', id)}/content`;
    return (await this.#lentTo(id)) ?? `${this.#place('volumes', id)}/content`;
  }

  async #lentTo(id: string): Promise<string | undefined> {
    const text = await readFile(`${this.#place('volumes', id)}/lent-to`, 'utf8').catch(() => undefined);
    return text === undefined || text === '' ? undefined : text;
  }

  #place(kind: 'volumes' | 'snapshots', id: string): string {
    return `${this.#directory}/${kind}/${id}`;
  }
}

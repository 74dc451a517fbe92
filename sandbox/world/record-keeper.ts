/** The world process's hold on `world.json` while it runs: reads once, then writes whole files in the order of the changes. */
import { readRecord, writeRecord, type WorldRecord, emptyRecord } from './world-record.ts';

export class RecordKeeper {
  readonly #file: string;
  #record: WorldRecord = emptyRecord;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  async start(): Promise<void> {
    this.#record = await readRecord(this.#file);
  }

  /** The port a relay had last. */
  port(name: string): number | undefined {
    return this.#record.ports[name];
  }

  rememberPort(name: string, port: number): Promise<void> {
    if (this.#record.ports[name] === port) return Promise.resolve();
    return this.#write({ ...this.#record, ports: { ...this.#record.ports, [name]: port } });
  }

  /** Before the group is made, so that none is forgotten. */
  rememberCgroup(path: string): Promise<void> {
    if (this.#record.cgroups.includes(path)) return Promise.resolve();
    return this.#write({ ...this.#record, cgroups: [...this.#record.cgroups, path] });
  }

  #write(record: WorldRecord): Promise<void> {
    this.#record = record;
    const written = this.#writing.then(() => writeRecord(this.#file, record));
    this.#writing = written.catch(() => undefined);
    return written;
  }
}

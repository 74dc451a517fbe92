/** The world process's hold on `world.json` while it runs: reads once, then writes whole files in the order of the changes. */
import type { RelayRequest } from './control-api.ts';
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

  /** Relays that were open when the former world ended without being asked to. */
  relays(): RelayRequest[] {
    return Object.entries(this.#record.relays).map(([name, target]) => ({ name, target }));
  }

  /** A relay is open, on this port. */
  rememberRelay({ name, target }: RelayRequest, port: number): Promise<void> {
    const { ports, relays } = this.#record;
    if (ports[name] === port && relays[name]?.address === target.address && relays[name].port === target.port) return Promise.resolve();
    return this.#write({ ...this.#record, ports: { ...ports, [name]: port }, relays: { ...relays, [name]: target } });
  }

  /** A relay was closed; its port stays known. */
  forgetRelay(name: string): Promise<void> {
    const { [name]: _closed, ...relays } = this.#record.relays;
    return this.#write({ ...this.#record, relays });
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

/** Which charts, in which version, this Keelson holds. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

export class ShippedCharts {
  readonly #folder: string;
  readonly #versions = new Map<string, Promise<string | undefined>>();

  /** @param folder the charts, each in a folder of its name */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async has({ chart, version }: { readonly chart: string; readonly version: string }): Promise<boolean> {
    const known = this.#versions.get(chart) ?? this.#version(chart);
    this.#versions.set(chart, known);
    return (await known) === version;
  }

  /** They do not change while a process runs. undefined: there is no such chart here. */
  async #version(chart: string): Promise<string | undefined> {
    const text = await readFile(join(this.#folder, chart, 'Chart.yaml'), 'utf8').catch(() => undefined);
    const version = text === undefined ? undefined : (parse(text) as { readonly version?: unknown } | null)?.version;
    return typeof version === 'string' ? version : undefined;
  }
}

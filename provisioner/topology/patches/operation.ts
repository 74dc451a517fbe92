/** JSON patch (RFC 6902) as Cluster API takes it from an extension: only below /spec/template/spec of a template. */

export interface Operation {
  readonly op: 'add' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** Sets a field of the template's spec; `add` on an existing member replaces it (RFC 6902, 4.1). */
export const set = (field: string, value: unknown): Operation => ({ op: 'add', path: `/spec/template/spec/${field}`, value });

/** Attributes every Neutron resource has, and what a change does to them. */
import { newId, timestamp, type Core } from '../core.ts';
import type { JsonObject } from '../http/json.ts';
import { anyText, type AttributeMap } from './attributes.ts';
import type { Standard } from './records.ts';

export const standardAttributes: AttributeMap = {
  name: { on: 'cu', check: anyText(255) },
  description: { on: 'cu', check: anyText(255) },
  project_id: { on: 'c', check: anyText(255) },
  tenant_id: { on: 'c', check: anyText(255) },
};

export function newStandard(core: Core, given: JsonObject, projectId: string): Standard {
  const now = timestamp(core);
  return {
    id: newId(core), name: text(given['name']), description: text(given['description']), project_id: projectId,
    tags: [], created_at: now, updated_at: now, revision_number: 1,
  };
}

/** A change happened: revision and time go on. */
export function touch(core: Core, record: { updated_at: string; revision_number: number }): void {
  record.updated_at = timestamp(core);
  record.revision_number += 1;
}

/** Takes over the sent attributes that are plain values of the record, and marks the change. */
export function assign(core: Core, record: Standard, given: JsonObject, names: readonly string[]): void {
  for (const name of ['name', 'description', ...names]) {
    if (name in given) Reflect.set(record, name, given[name]);
  }
  touch(core, record);
}

/** The standard attributes as they are shown; Neutron keeps tags in the order of their names. */
export function standardView(record: Standard): JsonObject {
  const { id, name, description, project_id, tags, created_at, updated_at, revision_number } = record;
  return { id, name, description, project_id, tenant_id: project_id, tags: [...tags].sort(), created_at, updated_at, revision_number };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

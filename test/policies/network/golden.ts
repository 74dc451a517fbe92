/** Compares text that people read with a file; `KEELSON_UPDATE_GOLDEN=1` writes the file instead, and the diff is read before it is committed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

export function expectGolden(name: string, text: string): void {
  const path = join(import.meta.dirname, 'golden', name);
  if (process.env['KEELSON_UPDATE_GOLDEN']) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

export const asYaml = (objects: readonly unknown[]): string => objects.map((one) => stringify(one, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');

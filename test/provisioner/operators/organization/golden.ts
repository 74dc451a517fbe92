/** Compares a table that people read with a file; `KEELSON_UPDATE_GOLDEN=1` writes the file instead, and the diff is read before it is committed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function expectGolden(name: string, text: string): void {
  const path = join(import.meta.dirname, name);
  if (process.env['KEELSON_UPDATE_GOLDEN']) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

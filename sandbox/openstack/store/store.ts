/**
 * The cloud's records on disk: one SQLite file (docs/decisions/0004), each record a row, each answered call at most one transaction. What was
 * answered is there after kill -9 at any moment, and nothing is there by half.
 */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { CloudState } from '../state.ts';
import { ChangeFinder, type Change } from './changes.ts';
import { StoreError } from './errors.ts';

/** Of the rows' shape; records of services may grow without a new one. */
const layout = 1;

export interface CloudStore {
  /** What an earlier life left, over what every state has; undefined when there is nothing. Call it once, first. @throws StoreError STORE_DAMAGED */
  load(empty: CloudState): CloudState | undefined;
  /** Writes what changed since the last call, all or nothing. @throws StoreError STORE_FAILED; the next call tries again */
  commit(state: CloudState): void;
  close(): void;
}

/**
 * Opens or makes the file, readable by its owner only: it holds user data of servers and hashes of secrets.
 * @throws StoreError STORE_DAMAGED, STORE_VERSION, STORE_BUSY
 */
export function openStore(file: string): CloudStore {
  closeSync(openSync(file, 'a', 0o600));
  const database = open(file);
  const finder = new ChangeFinder();
  const put = database.prepare('INSERT INTO record (path, value) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET value = excluded.value');
  const remove = database.prepare('DELETE FROM record WHERE path = ?');

  function write(changes: readonly Change[]): void {
    database.exec('BEGIN IMMEDIATE');
    try {
      for (const { path, value } of changes) {
        if (value === undefined) remove.run(JSON.stringify(path));
        else put.run(JSON.stringify(path), JSON.stringify(value));
      }
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  return {
    load: (empty) => {
      const rows = guarded(file, () => database.prepare('SELECT path, value FROM record ORDER BY seq').all()) as { path: string; value: string }[];
      if (rows.length === 0) return undefined;
      const records = rows.map((row) => ({ path: parsed(file, row.path) as string[], value: parsed(file, row.value) }));
      finder.accept(records);
      for (const { path, value } of records) place(empty, path, value);
      return empty;
    },
    commit: (state) => {
      const changes = finder.changes(state);
      if (changes.length === 0) return;
      try {
        write(changes);
      } catch (error) {
        throw new StoreError('STORE_FAILED', `cannot write to the cloud's records in ${file}: ${messageOf(error)}; is the disk full?`, { cause: error });
      }
      finder.accept(changes);
    },
    close: () => { if (database.isOpen) database.close(); },
  };
}

/**
 * WAL with synchronous=NORMAL: a killed process loses nothing, a machine that loses power may lose the last moments but no consistency
 * (https://www.sqlite.org/pragma.html#pragma_synchronous). Exclusive: a second process that opens it is told so.
 */
function open(file: string): DatabaseSync {
  return guarded(file, () => {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    if (version !== 0 && version !== layout) {
      database.close();
      throw new StoreError('STORE_VERSION', `the cloud's records in ${file} have layout ${version}, this program knows ${layout}; use the program that wrote them, or remove them with "keelson down"`);
    }
    // The order of rows is the order in which records came: lists show it.
    database.exec(`BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS record (seq INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, value TEXT NOT NULL); PRAGMA user_version = ${layout}; COMMIT`);
    return database;
  });
}

/** SQLite's result codes: 5 BUSY, 11 CORRUPT, 26 NOTADB (https://www.sqlite.org/rescode.html). */
function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { errcode } = error as { errcode?: number };
    if (errcode === 5) throw new StoreError('STORE_BUSY', `the cloud's records in ${file} are in use by another process; end that one first`, { cause: error });
    if (errcode === 11 || errcode === 26) throw damaged(file, error);
    throw error;
  }
}

function damaged(file: string, cause: unknown): StoreError {
  return new StoreError('STORE_DAMAGED', `the cloud's records in ${file} are damaged: ${messageOf(cause)}; "keelson down" removes them, "keelson up" starts anew`, { cause });
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw damaged(file, error);
  }
}

function place(root: object, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    Reflect.set(root, key, value);
    return;
  }
  const inner: unknown = Reflect.get(root, key) ?? {};
  Reflect.set(root, key, inner);
  place(inner as object, rest, value);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

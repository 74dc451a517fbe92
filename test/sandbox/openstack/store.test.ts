/** The file of the cloud's records: whatever of its log reached the disk, a state that was committed is found, and the newest that can be. */
import { appendFileSync, copyFileSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { openStore } from '../../../sandbox/openstack/index.ts';
import { emptyState, type CloudState } from '../../../sandbox/openstack/state.ts';
import { ChangeFinder } from '../../../sandbox/openstack/store/changes.ts';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'store-')); });
afterEach(() => { rmSync(folder, { recursive: true }); });

const runs = process.env['KEELSON_DEEP'] === '1' ? 1000 : 40;
const seed = Number(process.env['FC_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const fresh = (): CloudState => emptyState('RegionOne', ['az1', 'az2']);
const copyOf = (state: CloudState): unknown => JSON.parse(JSON.stringify(state));

/** One step of a client: some records of some tables come, change or go, in one transaction. */
type Step = readonly { readonly table: 'servers' | 'quotas' | 'ports' | 'zones'; readonly key: string; readonly size: number; readonly kind: 'put' | 'remove' | 'change' }[];
const step: fc.Arbitrary<Step> = fc.array(fc.record({
  table: fc.constantFrom('servers', 'quotas', 'ports', 'zones'), key: fc.constantFrom('a', 'b', 'c/d', 'ü', '7'), size: fc.integer({ min: 0, max: 3000 }), kind: fc.constantFrom('put', 'remove', 'change'),
}), { minLength: 1, maxLength: 4 }) as fc.Arbitrary<Step>;

function take(state: CloudState, one: Step): void {
  for (const { table, key, size, kind } of one) {
    if (table === 'zones') {
      state.zones.push(`${key}${size}`);
      continue;
    }
    const records = (table === 'ports' ? state.neutron.ports : state.nova[table]) as unknown as Record<string, Record<string, unknown>>;
    if (kind === 'remove') Reflect.deleteProperty(records, key);
    else if (kind === 'change' && records[key]) records[key]['inner'] = { list: [size, key], nothing: null };
    else records[key] = { id: key, text: 'x'.repeat(size) };
  }
}

test('a log that ends anywhere, with or without noise behind it, holds the newest whole state', () => {
  const found = { whole: 0, last: 0, empty: 0 };
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), fc.noBias(fc.integer({ min: 0, max: 1_000_000 })), fc.uint8Array({ maxLength: 64 }), (steps, cut, noise) => {
    const file = join(folder, 'cloud.db');
    for (const name of [file, `${file}-wal`]) rmSync(name, { force: true });
    const store = openStore(file);
    const state = store.load(fresh()) ?? fresh();
    const sizeOfLog = (): number => statSync(`${file}-wal`).size;
    // Before the first commit there is the file with its table, and nothing in it.
    const committed: { state: unknown; logBytes: number }[] = [{ state: undefined, logBytes: sizeOfLog() }];
    for (const one of steps) {
      take(state, one);
      store.commit(state);
      committed.push({ state: copyOf(state), logBytes: sizeOfLog() });
    }
    const torn = join(folder, 'torn.db');
    copyFileSync(file, torn);
    copyFileSync(`${file}-wal`, `${torn}-wal`);
    store.close();
    const first = committed[0]!.logBytes;
    const kept = first + Math.floor((cut / 1_000_000) * (sizeOfTorn(torn) - first));
    truncateSync(`${torn}-wal`, kept);
    appendFileSync(`${torn}-wal`, noise);
    const newest = committed.findLast((one) => one.logBytes <= kept)!;
    const after = openStore(torn);
    const loaded = after.load(fresh());
    expect(loaded).toEqual(newest.state);
    if (loaded) found[newest === committed.at(-1) ? 'last' : 'whole'] += 1;
    else found.empty += 1;
    // And life goes on from there.
    const next = loaded ?? fresh();
    next.zones.push('after');
    after.commit(next);
    after.close();
    const again = openStore(torn);
    expect(again.load(fresh())).toEqual(copyOf(next));
    again.close();
    for (const name of [torn, `${torn}-wal`]) rmSync(name, { force: true });
  }), { numRuns: runs, seed });
  process.stdout.write(`store: ${runs} torn logs, seed ${seed}: ${found.last} lost nothing, ${found.whole} fell back to an earlier state, ${found.empty} to none\n`);
});

const sizeOfTorn = (torn: string): number => statSync(`${torn}-wal`).size;

test('differences, applied to what was known, give the state', () => {
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
    const finder = new ChangeFinder();
    const state = fresh();
    for (const one of steps) {
      take(state, one);
      finder.accept(finder.changes(state));
      expect(finder.changes(state)).toEqual([]);
    }
  }), { numRuns: runs, seed });
});

test('records keep the order in which they came', () => {
  const file = join(folder, 'order.db');
  const store = openStore(file);
  const state = fresh();
  for (const name of ['z', 'm', 'a']) state.nova.quotas[name] = { cores: 1 };
  store.commit(state);
  state.nova.quotas['z']!['cores'] = 2;
  state.nova.quotas['b'] = { cores: 3 };
  store.commit(state);
  store.close();
  const later = openStore(file);
  expect(Object.keys(later.load(fresh())!.nova.quotas)).toEqual(['z', 'm', 'a', 'b']);
  later.close();
});

test('a change that cannot be written is an error now, and is written with the next', () => {
  const file = join(folder, 'full.db');
  const store = openStore(file);
  const state = fresh();
  Object.assign(state.nova.quotas, { p: { size: 1n } });
  expect(() => { store.commit(state); }).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }) as Error);
  Object.assign(state.nova.quotas, { p: { size: 1 } });
  store.commit(state);
  store.close();
  const later = openStore(file);
  expect(later.load(fresh())).toEqual(state);
  later.close();
});

test.each([
  ['no database', 'STORE_DAMAGED', (file: string) => { writeFileSync(file, 'not a database at all, but long enough to have a header'.repeat(100)); }],
  ['a value that is no JSON', 'STORE_DAMAGED', (file: string) => { withDatabase(file, "INSERT INTO record (path, value) VALUES ('[\"x\"]', '{')"); }],
  ['a layout of the future', 'STORE_VERSION', (file: string) => { withDatabase(file, 'PRAGMA user_version = 99'); }],
])('%s is refused with what to do', (_what, code, damage) => {
  const file = join(folder, 'bad.db');
  openStore(file).close();
  damage(file);
  expect(() => { openStore(file).load(fresh()); }).toThrow(expect.objectContaining({ code, message: expect.stringContaining('keelson down') as string }) as Error);
});

test('a second process is told that the first has the file', () => {
  const store = openStore(join(folder, 'busy.db'));
  expect(() => openStore(join(folder, 'busy.db'))).toThrow(expect.objectContaining({ code: 'STORE_BUSY' }) as Error);
  store.close();
});

function withDatabase(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

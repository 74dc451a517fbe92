import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { loadConfig, nearest } from '../../../exporters/core/config.ts';
import { parseFlags, usage, type Flag } from '../../../exporters/core/flags.ts';

const schema = z.strictObject({
  address: z.string().default(':9005'),
  files: z.strictObject({ enabled: z.boolean().default(true), directories: z.array(z.string()).default([]) }).prefault({}),
});
const flags: Flag[] = [
  { name: 'address', kind: 'string', key: ['address'], help: 'where to listen' },
  { name: 'cert-paths', kind: 'list', key: ['files', 'directories'], help: 'directories' },
  { name: 'monitor-files', kind: 'boolean', key: ['files', 'enabled'], help: 'files on' },
];

describe('loadConfig', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'config-'))));
  afterAll(() => rm(folder, { recursive: true }));
  const file = async (text: string): Promise<string> => {
    const path = join(folder, 'config.yaml');
    await writeFile(path, text);
    return path;
  };

  test('flags win over the file key by key', async () => {
    const path = await file('address: ":1"\nfiles: {enabled: false, directories: [/a]}\n');
    const { overrides } = parseFlags(['--cert-paths=/b,/c'], flags);
    expect(await loadConfig(schema, { path, overrides })).toEqual({ address: ':1', files: { enabled: false, directories: ['/b', '/c'] } });
  });

  test('an empty file means the defaults', async () => {
    expect(await loadConfig(schema, { path: await file(''), overrides: {} })).toEqual({ address: ':9005', files: { enabled: true, directories: [] } });
  });

  test('all problems come at once, an unknown key with the nearest known one', async () => {
    const path = await file('adress: x\nfiles: {enabled: maybe, directory: [a], zzzzzzzz: 1}\n');
    const error = await loadConfig(schema, { path, overrides: {} }).catch((caught: Error) => caught);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    const message = (error as Error).message;
    expect(message).toContain('adress: unknown key; did you mean "address"?');
    expect(message).toContain('files.directory: unknown key; did you mean "directories"?');
    expect(message).toContain('files.zzzzzzzz: unknown key; known are enabled, directories');
    expect(message).toContain('files.enabled: ');
  });

  test.each([['a: [', 'is not YAML'], ['- a', 'must be a map']])('%s is refused with the path', async (text, reason) => {
    const path = await file(text);
    await expect(loadConfig(schema, { path, overrides: {} })).rejects.toThrow(new RegExp(`${path}.*${reason}`));
  });

  test('a missing file says so', async () => {
    await expect(loadConfig(schema, { path: join(folder, 'none.yaml'), overrides: {} })).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE', message: expect.stringContaining('no such file') });
  });
});

describe('parseFlags', () => {
  test.each([
    [['--monitor-files'], { files: { enabled: true } }],
    [['--monitor-files=false'], { files: { enabled: false } }],
    [['-monitor-files=F'], { files: { enabled: false } }],
    [['-address', ':1', '--cert-paths', '/a, /b,'], { address: ':1', files: { directories: ['/a', '/b'] } }],
    [[], {}],
  ])('%p', (argv, overrides) => expect(parseFlags(argv, flags).overrides).toEqual(overrides));

  test.each([[['--nope']], [['stray']], [['--monitor-files=perhaps']]])('%p is refused', (argv) => {
    expect(() => parseFlags(argv, flags)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test('the usage names every flag', () => {
    for (const { name } of flags) expect(usage('x', flags)).toContain(`--${name}`);
  });
});

test('nearest is silent where nothing is near', () => {
  expect(nearest('directory', ['directories', 'enabled'])).toBe('directories');
  expect(nearest('foo', ['directories'])).toBeUndefined();
});

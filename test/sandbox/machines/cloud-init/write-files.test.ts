import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { load } from 'js-yaml';
import { shellScript } from '../../../../sandbox/machines/cloud-init/commands.ts';
import { decode, parseFiles, writeFile } from '../../../../sandbox/machines/cloud-init/write-files.ts';

describe('write_files', () => {
  const root = mkdtempSync(join(tmpdir(), 'cloud-init-'));
  afterAll(() => rmSync(root, { recursive: true }));

  test.each(['b64', 'base64'])('encoding %s', (encoding) => {
    expect(decode({ content: Buffer.from('ä').toString('base64'), encoding }).toString()).toBe('ä');
  });

  test.each(['gzip+base64', 'gz+b64', 'gzip+b64', 'gz+base64'])('encoding %s', (encoding) => {
    expect(decode({ content: gzipSync('text').toString('base64'), encoding }).toString()).toBe('text');
  });

  test('an unknown encoding leaves the content as it is', () => {
    expect(decode({ content: 'text', encoding: 'rot13' }).toString()).toBe('text');
  });

  test('a file has its content, mode and directories', () => {
    const [file] = parseFiles([{ path: '/etc/a/b.conf', content: 'one\n', permissions: '0600' }]);
    writeFile(file!, root);
    expect(readFileSync(`${root}/etc/a/b.conf`, 'utf8')).toBe('one\n');
    expect(statSync(`${root}/etc/a/b.conf`).mode & 0o777).toBe(0o600);
  });

  test('append adds to what is there', () => {
    for (const content of ['one\n', 'two\n']) writeFile(parseFiles([{ path: '/appended', content, append: true }])[0]!, root);
    expect(readFileSync(`${root}/appended`, 'utf8')).toBe('one\ntwo\n');
  });

  test.each(["'0640'", '0640', '"640"', "'0o640'"])('permissions written as %s in YAML mean rw-r-----', (written) => {
    const [file] = parseFiles(load(`[{path: /mode, permissions: ${written}}]`));
    writeFile(file!, root);
    expect(statSync(`${root}/mode`).mode & 0o777).toBe(0o640);
  });

  test('an entry without a path is refused with its place', () => {
    expect(() => parseFiles([{ content: 'x' }])).toThrow(expect.objectContaining({ code: 'CONFIG', message: expect.stringMatching(/path/) as string }));
  });
});

describe('runcmd', () => {
  test('strings are for the shell, lists are words', () => {
    expect(shellScript(['a && b > c', ['echo', "it's", 5]], 'runcmd')).toBe("#!/bin/sh\na && b > c\n'echo' 'it'\\''s' '5'\n");
  });

  test('anything else is refused', () => {
    expect(() => shellScript([{ a: 1 }], 'runcmd')).toThrow(/unable to shellify/);
    expect(() => shellScript('ls', 'runcmd')).toThrow(/expected a list/);
  });
});

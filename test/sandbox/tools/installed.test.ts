import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { fromFolder, fromPath, versionIn } from '../../../sandbox/tools/installed.ts';
import { pinOf } from '../../../sandbox/tools/index.ts';

/** Starts processes: on a busy machine that alone takes seconds. */
jest.setTimeout(60_000);

const signal = new AbortController().signal;
const helm = pinOf('helm');

describe('tools that are on the machine', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'installed-'));
    for (const folder of ['a', 'b', 'own']) await mkdir(join(root, folder));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  const program = (folder: string, name: string, text: string) => writeFile(join(root, folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const path = () => `${join(root, 'a')}:${join(root, 'b')}`;

  test('PATH gives the first with the pinned version, asked with the arguments of its pin', async () => {
    await program('a', 'helm', 'echo v4.3.0');
    await program('b', 'helm', '[ "$*" = "version --short" ] && echo v4.3.1+g1a2b3c4');
    expect(await fromPath(helm, path(), join(root, 'own'), signal)).toBe(join(root, 'b', 'helm'));
  });

  test('PATH gives nothing for another version, one that fails silently, or one that prints none', async () => {
    await program('a', 'helm', 'echo v4.3.10');
    await program('b', 'helm', 'exit 1');
    expect(await fromPath(helm, path(), join(root, 'own'), signal)).toBeUndefined();
  });

  test('PATH does not give what lies in our own cache', async () => {
    await program('own', 'helm', 'echo v4.3.1');
    await symlink(join(root, 'own', 'helm'), join(root, 'a', 'helm'));
    expect(await fromPath(helm, path(), join(root, 'own'), signal)).toBeUndefined();
  });

  test('a tool that cannot say its version is never taken from PATH', async () => {
    await program('a', 'capi-core-manager', 'echo 1.14.2');
    expect(await fromPath(pinOf('capi-core-manager'), path(), join(root, 'own'), signal)).toBeUndefined();
  });

  test("the user's own folder gives what is executable in it, whatever its version", async () => {
    await program('a', 'helm', 'echo v3.0.0');
    await writeFile(join(root, 'b', 'helm'), 'text');
    expect(await fromFolder(helm, join(root, 'a'))).toBe(join(root, 'a', 'helm'));
    expect(await fromFolder(helm, join(root, 'b'))).toBeUndefined();
  });

  test("a user's folder that does not exist is an error", async () => {
    await expect(fromFolder(helm, join(root, 'none'))).rejects.toMatchObject({ code: 'TOOLS_DIRECTORY' });
  });
});

test.each([
  ['Kubernetes v1.36.3', '1.36.3'],
  ['etcd Version: 3.6.8\nGit SHA: Not provided\nGo Version: go1.26.8', '3.6.8'],
  ['prometheus, version 3.16.0 (branch: , revision: unknown)', '3.16.0'],
  ['CoreDNS-1.15.0\nlinux/amd64, go1.26.8, ', '1.15.0'],
  ['v4.3.1+g1a2b3c4', '4.3.1'],
  ['v1.37.0-rc.1', '1.37.0-rc.1'],
  ['usage: nothing', undefined],
])('versionIn %s', (text, version) => {
  expect(versionIn(text)).toBe(version);
});

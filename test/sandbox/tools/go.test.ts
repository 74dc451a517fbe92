import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { buildError, checkGo, compareVersions, findGo, goEnvironment } from '../../../sandbox/tools/go.ts';

/** Starts processes: on a busy machine that alone takes seconds. */
jest.setTimeout(60_000);

const signal = new AbortController().signal;

describe('with a go command on PATH', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'go-'));
    await writeFile(join(root, 'go.mod'), 'module x.test/y\n\ngo 1.26.7\n');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  const goThatSays = async (text: string) => {
    await writeFile(join(root, 'go'), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return join(root, 'go');
  };

  test('findGo takes the first that can be executed', async () => {
    await mkdir(join(root, 'first'));
    await writeFile(join(root, 'first', 'go'), '');
    await chmod(join(root, 'first', 'go'), 0o644);
    const go = await goThatSays('');
    expect(await findGo({ PATH: `${join(root, 'first')}:${root}` })).toBe(go);
  });

  test('findGo looks further than PATH, and says what to do when there is none', async () => {
    const go = await goThatSays('');
    expect(await findGo({ PATH: join(root, 'none') }, [root])).toBe(go);
    await expect(findGo({ PATH: join(root, 'none') }, [])).rejects.toMatchObject({ code: 'TOOLS_GO_MISSING', message: expect.stringMatching(/install it from .* or set KEELSON_TOOLS_DIR/) });
  });

  test.each(['1.26.7', '1.26.10', '1.27'])('Go %s builds what needs 1.26.7', async (version) => {
    const go = await goThatSays(`echo go${version}`);
    await expect(checkGo(go, root, { PATH: '/usr/bin:/bin' }, signal)).resolves.toEqual({ file: go, version });
  });

  test('an older Go is refused, with both versions and what to do', async () => {
    const go = await goThatSays('echo go1.26.6');
    await expect(checkGo(go, root, { PATH: '/usr/bin:/bin' }, signal)).rejects.toMatchObject({ code: 'TOOLS_GO_TOO_OLD', message: expect.stringMatching(/is Go 1\.26\.6, 1\.26\.7 or newer is needed: install it/) });
  });

  test('a Go that refuses the go.mod is named with the version that is installed', async () => {
    const go = await goThatSays('if [ "$1" = version ]; then echo "go version go1.19.8 linux/amd64 $GOTOOLCHAIN"; else echo "go: go.mod requires go >= 1.26.7" >&2; exit 1; fi');
    await expect(checkGo(go, root, { PATH: '/usr/bin:/bin' }, signal)).rejects.toMatchObject({ code: 'TOOLS_GO_TOO_OLD', message: expect.stringContaining('is Go 1.19.8') });
  });
});

describe('goEnvironment', () => {
  test('keeps our modules and packages apart, and the proxy that the user set', () => {
    expect(goEnvironment({ HOME: '/h', GOPROXY: 'https://mine.test', GOFLAGS: '-mod=mod' }, '/c', '/t')).toMatchObject({
      HOME: '/h', GOPROXY: 'https://mine.test', GOMODCACHE: '/c/go-mod', GOCACHE: '/c/go-build', GOTMPDIR: '/t', CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -modcacherw', GOTOOLCHAIN: 'auto',
    });
  });
});

describe('buildError', () => {
  test.each([
    ['TOOLS_MODULE_UNREACHABLE', 'go: example.test/a@v1.0.0: Get "https://proxy.test/example.test/a/@v/v1.0.0.mod": dial tcp: lookup proxy.test: no such host'],
    ['TOOLS_MODULE_UNREACHABLE', 'main.go:4:2: example.test/a@v1.0.0: reading https://proxy.test/example.test/a/@v/v1.0.0.zip: 403 Forbidden'],
    ['TOOLS_MODULE_UNREACHABLE', 'go: example.test/a@v1.0.0: verifying module: Get "https://sum.test/lookup/x": net/http: TLS handshake timeout'],
    ['TOOLS_MODULE_UNREACHABLE', 'go: module lookup disabled by GOPROXY=off'],
    ['TOOLS_SUM_MISMATCH', 'verifying example.test/a@v1.0.0: checksum mismatch\n\tdownloaded: h1:a\n\tgo.sum:     h1:b\n\nSECURITY ERROR'],
    ['TOOLS_NO_DISK', 'compile: writing output: write $WORK/b1/_pkg_.a: no space left on device'],
    ['TOOLS_BUILD_FAILED', '# x.test/y\n./main.go:63:6: assignment mismatch: 1 variable but f returns 2 values'],
    ['TOOLS_BUILD_FAILED', '# x.test/y\n./main.go:9:1: syntax error: unexpected EOF, expecting }'],
    ['TOOLS_BUILD_FAILED', ''],
  ])('is %s for: %s', (code, output) => {
    const error = buildError('helm v4.3.1', '/src/helm', output);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^helm v4\.3\.1: .*(:|;) .+/);
    expect(error.message).not.toContain('\n');
    expect(error.output).toBe(output);
  });

  test('quotes the line that tells, not the packages that were built before it', () => {
    expect(buildError('x', '/s', 'go: downloading a v1\nnet/http\n# x.test/y\n./main.go:1:1: bad').message).toBe('x: go build in /s failed: ./main.go:1:1: bad');
  });
});

test.each([['1.26.10', '1.26.9', 1], ['1.26', '1.26.0', 0], ['1.9', '1.26', -1]])('%s compared with %s', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});

/** The Go toolchain on this machine: where it is, whether it is new enough, the environment it builds in, what its errors mean. */
import { access, constants, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ToolsError } from './errors.ts';
import { runGroup } from './process-group.ts';

export interface Go {
  readonly file: string;
  /** As `go version` prints it, without "go": 1.26.8. */
  readonly version: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Go is installed by its own archive and by Debian's backports, when PATH does not say so. */
const usualFolders = ['/usr/local/go/bin', '/usr/lib/go/bin', '/usr/lib/go-1.26/bin'];

/** @param furtherFolders where to look when PATH has no go. @throws ToolsError TOOLS_GO_MISSING */
export async function findGo(environment: Environment, furtherFolders: readonly string[] = usualFolders): Promise<string> {
  for (const folder of [...(environment['PATH'] ?? '').split(delimiter).filter(Boolean), ...furtherFolders]) {
    if (await isExecutable(join(folder, 'go'))) return join(folder, 'go');
  }
  throw new ToolsError('TOOLS_GO_MISSING', 'Go is not installed (not on PATH, not in /usr/local/go): install it from https://go.dev/dl/, or set KEELSON_TOOLS_DIR to a folder that has the tools');
}

/**
 * The folders and switches of our builds. Settings of the user's own (`go env -w`: proxy, checksum database) stay.
 * @param cacheDir keelson's cache: compiled packages and modules are kept apart from the user's, so that they can be removed
 */
export function goEnvironment(environment: Environment, cacheDir: string, temporary: string): Environment {
  return {
    ...environment,
    CGO_ENABLED: '0',
    GOCACHE: join(cacheDir, 'go-build'),
    GOMODCACHE: join(cacheDir, 'go-mod'),
    GOTMPDIR: temporary,
    GOFLAGS: '-mod=readonly -modcacherw',
    GOWORK: 'off',
    GO111MODULE: 'on',
    GOTOOLCHAIN: environment['GOTOOLCHAIN'] ?? 'auto',
  };
}

/**
 * The version of Go that builds a family. With GOTOOLCHAIN=auto an older Go (≥ 1.21) fetches the one that go.mod asks for.
 * @throws ToolsError TOOLS_GO_TOO_OLD
 */
export async function checkGo(file: string, source: string, environment: Environment, signal: AbortSignal): Promise<Go> {
  const needed = /^go (\S+)$/m.exec(await readFile(join(source, 'go.mod'), 'utf8'))?.[1] ?? '1.21';
  const result = await runGroup([file, 'env', 'GOVERSION'], { cwd: source, environment, signal });
  const version = /^go(\d+(?:\.\d+)*)/m.exec(result.output)?.[1];
  if (result.code === 0 && version !== undefined && compareVersions(version, needed) >= 0) return { file, version };
  const found = version ?? (await localVersion(file, source, environment, signal));
  throw new ToolsError('TOOLS_GO_TOO_OLD', `${file} is Go ${found}, ${needed} or newer is needed: install it from https://go.dev/dl/, or set KEELSON_TOOLS_DIR to a folder that has the tools`, { output: result.output });
}

/** Where the failure of `go build` lies, as an error with what to do. @param what what was built: "helm 4.3.1" */
export function buildError(what: string, source: string, output: string): ToolsError {
  const telling = output.split('\n').filter((line) => line && !/^(#|go: downloading |[\w./-]+$)/.test(line));
  const line = telling.at(-1) ?? 'no output';
  if (/no space left on device/.test(output)) return new ToolsError('TOOLS_NO_DISK', `${what}: the disk is full: free some space and run the command again; what is built so far is kept`, { output });
  if (/checksum mismatch|SECURITY ERROR/.test(output)) return new ToolsError('TOOLS_SUM_MISMATCH', `${what}: a downloaded module is not the one that ${join(source, 'go.sum')} names: check the Go proxy (go env GOPROXY) (${line})`, { output });
  if (isUnreachable(output)) return new ToolsError('TOOLS_MODULE_UNREACHABLE', `${what}: a module cannot be downloaded: check the network and the Go proxy (go env GOPROXY), then run the command again (${line})`, { output });
  return new ToolsError('TOOLS_BUILD_FAILED', `${what}: go build in ${source} failed: ${line}`, { output });
}

/** Numeric comparison of dotted versions: 1.26.10 is newer than 1.26.9. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Go's words for a proxy that does not answer, or answers with an error (net, net/http, cmd/go/internal/web); only in lines of the go command, not of the compiler. */
function isUnreachable(output: string): boolean {
  const words = /dial tcp|no such host|i\/o timeout|connection re(fused|set)|TLS handshake|unexpected EOF|proxyconnect|server response:|: (403|404|410|429|5\d\d) [A-Z]|module lookup disabled/;
  return output.split('\n').some((line) => /^go: |https?:\/\//.test(line) && words.test(line));
}

async function localVersion(file: string, source: string, environment: Environment, signal: AbortSignal): Promise<string> {
  const result = await runGroup([file, 'version'], { cwd: source, environment: { ...environment, GOTOOLCHAIN: 'local' }, signal });
  return /go(\d+(?:\.\d+)*)/.exec(result.output)?.[1] ?? 'of an unknown version';
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(() => true, () => false);
}

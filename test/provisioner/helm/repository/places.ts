/** Where charts are fetched from in tests: an HTTP repository that misbehaves on demand, and a real OCI registry. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { toolsBin } from '../../../fixtures/needs.ts';

export interface HttpRepository {
  readonly url: string;
  /** Requests so far: "GET /index.yaml", with who asked. */
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[];
  /** Puts a chart's folder or other bytes into it. @param digest what the index claims; default: the truth */
  add(o: { name: string; version: string; archive: Buffer; digest?: string; url?: string }): void;
  /** Answers a path itself instead. */
  instead(path: string, answer: (request: IncomingMessage, response: ServerResponse) => void): void;
  stop(): Promise<void>;
}

export async function startHttpRepository(o: { readonly user?: string; readonly password?: string } = {}): Promise<HttpRepository> {
  const entries: Record<string, object[]> = {};
  const files = new Map<string, Buffer>();
  const answers = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
  const requests: HttpRepository['requests'] = [];
  const expected = o.user === undefined ? undefined : `Basic ${Buffer.from(`${o.user}:${o.password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push({ path, authorization: request.headers.authorization });
    const own = answers.get(path);
    if (own) return own(request, response);
    if (expected !== undefined && request.headers.authorization !== expected) return void response.writeHead(401).end();
    const file = path === '/index.yaml' ? Buffer.from(stringify({ apiVersion: 'v1', entries })) : files.get(path);
    response.writeHead(file ? 200 : 404).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url, requests,
    add: ({ name, version, archive, digest, url: at }) => {
      const path = `/${name}-${version}.tgz`;
      files.set(path, archive);
      (entries[name] ??= []).push({ name, version, urls: [at ?? path.slice(1)], digest: digest ?? createHash('sha256').update(archive).digest('hex') });
    },
    instead: (path, answer) => void answers.set(path, answer),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** With Helm itself. */
export async function packaged(chart: string, folder: string, version: string): Promise<Buffer> {
  await promisify(execFile)(join(toolsBin, 'helm'), ['package', chart, '--destination', folder, '--version', version]);
  return await readFile(join(folder, `${basename(chart)}-${version}.tgz`));
}

export interface OciRegistry {
  readonly port: number;
  /** With Helm itself, below `/team`. */
  push(archive: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startRegistry(login?: { readonly user: string; readonly password: string }): Promise<OciRegistry> {
  const child = spawn(join(toolsBin, 'registry'), login ? [login.user, login.password] : [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const port = await said(child);
  const helm = async (args: readonly string[], stdin = ''): Promise<void> => {
    const running = promisify(execFile)(join(toolsBin, 'helm'), [...args]);
    running.child.stdin?.end(stdin);
    await running;
  };
  return {
    port,
    push: async (archive) => {
      if (login) await helm(['registry', 'login', `127.0.0.1:${port}`, '--username', login.user, '--password-stdin', '--plain-http', `--registry-config=${archive}.login`], login.password);
      await helm(['push', archive, `oci://127.0.0.1:${port}/team`, '--plain-http', ...(login ? [`--registry-config=${archive}.login`] : [])]);
    },
    stop: async () => {
      child.stdin?.end();
      await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

async function said(child: ChildProcess): Promise<number> {
  const text = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    child.once('exit', (code) => reject(new Error(`the registry ended (${code})`)));
  });
  return Number(/^ready (\d+)/.exec(text)?.[1]);
}

/** A small image for the integration tests: Node.js with its libraries, a web server on top, and a whiteout between two layers. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export const testImage = 'ghcr.io/keelson/test-web:1';

const server = `
import { createServer } from 'node:http';
import { networkInterfaces, hostname } from 'node:os';
import { readdirSync } from 'node:fs';
let healthy = true;
createServer((request, response) => {
  console.log(request.method, request.url);
  const url = new URL(request.url, 'http://web');
  if (url.pathname === '/exit') { response.end('bye'); setTimeout(() => process.exit(3), 50); return; }
  if (url.pathname === '/healthz') { response.statusCode = healthy ? 200 : 500; response.end('ok'); return; }
  if (url.pathname === '/sick') { healthy = false; response.end('sick'); return; }
  if (url.pathname === '/echo') { request.pipe(response); return; }
  response.end(JSON.stringify({ host: hostname(), remote: request.socket.remoteAddress, uid: process.getuid(), root: readdirSync('/'), app: readdirSync('/app'), addresses: Object.values(networkInterfaces()).flat().map((i) => i.address), env: process.env.GREETING }));
}).listen(8000, () => console.log('listening'));
process.on('SIGTERM', () => { console.log('got SIGTERM'); process.exit(0); });
`;

/** Writes the layout to `<imagesDir>/test-web`. */
export function writeTestImage(imagesDir: string): void {
  const layout = `${imagesDir}/test-web`;
  const work = `${imagesDir}.work`;
  mkdirSync(`${layout}/blobs/sha256`, { recursive: true });
  const base = `${work}/base`;
  const node = realpathSync(process.execPath);
  const libraries = execFileSync('ldd', [node], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
  for (const file of libraries) copy(file, `${base}${file}`);
  copy(node, `${base}/usr/local/bin/node`);
  write(`${base}/etc/passwd`, 'root:x:0:0::/root:/\nweb:x:1001:1002::/home/web:/\n');
  write(`${base}/etc/group`, 'root:x:0:\nweb:x:1002:\nextra:x:1003:web\n');
  write(`${base}/app/removed.txt`, 'a file that the next layer deletes');
  write(`${base}/app/hidden/one.txt`, 'a directory that the next layer makes opaque');
  execFileSync('ln', ['-s', '/run', `${base}/var-run`]);
  const app = `${work}/app`;
  write(`${app}/app/server.mjs`, server);
  write(`${app}/app/.wh.removed.txt`, '');
  write(`${app}/app/hidden/.wh..wh..opq`, '');
  write(`${app}/app/hidden/two.txt`, '');
  const layers = [layer(layout, base, work, false), layer(layout, app, work, true)];
  const config = blob(layout, Buffer.from(JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux',
    config: { User: 'web', Env: ['GREETING=hello'], Entrypoint: ['node'], Cmd: ['/app/server.mjs'], WorkingDir: '/app' },
    rootfs: { type: 'layers', diff_ids: layers.map((l) => l.diffId) },
  })));
  const manifest = blob(layout, Buffer.from(JSON.stringify({
    schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  })));
  write(`${layout}/index.json`, JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest, annotations: { 'org.opencontainers.image.ref.name': testImage } }] }));
  write(`${layout}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
  rmSync(work, { recursive: true });
}

function layer(layout: string, tree: string, work: string, isCompressed: boolean): { mediaType: string; digest: string; size: number; diffId: string } {
  const tar = `${work}/layer.tar`;
  execFileSync('tar', ['--create', '--owner=0', '--group=0', '--numeric-owner', `--file=${tar}`, `--directory=${tree}`, '.']);
  const bytes = readFileSync(tar);
  const diffId = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const stored = isCompressed ? execFileSync('gzip', ['-c'], { input: bytes }) : bytes;
  return { mediaType: `application/vnd.oci.image.layer.v1.tar${isCompressed ? '+gzip' : ''}`, ...blob(layout, stored), diffId };
}

function blob(layout: string, bytes: Buffer): { digest: string; size: number } {
  const hash = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(`${layout}/blobs/sha256/${hash}`, bytes);
  return { digest: `sha256:${hash}`, size: bytes.length };
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

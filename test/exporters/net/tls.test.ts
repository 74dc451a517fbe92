/** Exporters that serve with TLS ask each other with TLS: health and rows, whoever signed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, get } from 'node:https';
import { createCa } from '../../fixtures/certificates.ts';
import { startWith, type Running } from './running-exporter.ts';

describe('two exporters that serve with TLS', () => {
  const port = 18_440;
  const addresses = { a1: '127.0.43.1', b1: '127.0.43.2', plain: '127.0.43.3' };
  let folder: string;
  let running: Running[] = [];
  const ask = (path: string): Promise<string> => new Promise((resolve, reject) => {
    get(`https://${addresses.a1}:${port}${path}`, { agent: new Agent({ rejectUnauthorized: false }), headers: { accept: 'text/plain' } }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'net-tls-'));
    const pair = await (await createCa()).issue({ commonName: 'net-exporter', dnsNames: ['net-exporter'], usage: 'server' });
    const tls = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
    await Promise.all([writeFile(tls.certFile, pair.cert), writeFile(tls.keyFile, pair.key)]);
    const peers = Object.entries(addresses).map(([node, address]) => ({ node, zone: 'a', address }));
    running = await Promise.all(Object.entries(addresses).map(([node, address]) => startWith({
      address: `${address}:${port}`, intervalSeconds: 1, node: { name: node }, mesh: { port, udpPort: port + 1, timeoutSeconds: 0.25, spacingMs: 5, http: true, peers }, ...(node === 'plain' ? {} : { tls }),
    })));
  });
  afterAll(async () => {
    await Promise.all(running.map((one) => one.stop()));
    await rm(folder, { recursive: true });
  });

  test('health over TLS is an answer; from one that serves without it is a failure of the protocol', async () => {
    let text = '';
    for (let left = 100; left > 0 && !/net_exporter_peer_errors_total\{.*plain/.test(text); left--) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      text = await ask('/metrics');
    }
    const failures = text.split('\n').filter((line) => line.startsWith('net_exporter_peer_errors_total{') && line.includes('probe="http"') && !line.endsWith(' 0'));
    expect(failures.map((line) => /peer_node="(\w+)"/.exec(line)?.[1])).toEqual(['plain']);
    expect(text).toMatch(/^net_exporter_peer_up\{.*peer_node="b1".*\} 1$/m);
  });

  test('the matrix has the rows of those that serve with TLS', async () => {
    const { rows, missing } = JSON.parse(await ask('/matrix?format=json')) as { rows: { node: string }[]; missing: { node: string }[] };
    expect([rows.map(({ node }) => node), missing.map(({ node }) => node)]).toEqual([['a1', 'b1'], ['plain']]);
  });
});

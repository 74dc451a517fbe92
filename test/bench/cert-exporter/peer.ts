/**
 * What we are measured against, on the same data in the same run: an exporter that lists all TLS Secrets in every
 * scrape and renders with prom-client, as the one we replace does, in TypeScript. With RENDER_ONLY it lists once, and
 * every scrape only renders: the naive way to watch.
 */
import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Gauge, Registry } from 'prom-client';
import { KubeClient } from '../../../provisioner/kube/client.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';

const { SERVER = '', CA = '', TOKEN = '', RENDER_ONLY } = process.env;
const client = new KubeClient({ server: SERVER, ca: CA, token: () => Promise.resolve(TOKEN), userAgent: 'peer', timeoutMs: 120_000 });
const registry = new Registry();
const gauge = new Gauge({ name: 'cert_exporter_secret_not_after', help: 'Not after.', labelNames: ['name', 'namespace', 'secretkey', 'certificatename', 'serialnumber'], registers: [registry] });

async function collect(): Promise<void> {
  gauge.reset();
  const { items } = await client.list<KubeObject>(resources.secrets, { fieldSelector: 'type=kubernetes.io/tls', limit: 0 });
  for (const { metadata, data } of items) {
    for (const secretkey of ['ca.crt', 'tls.crt']) {
      const text = Buffer.from((data as Record<string, string>)[secretkey] ?? '', 'base64').toString();
      for (const [block] of text.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)) {
        const { serialNumber, validToDate } = new X509Certificate(block);
        gauge.set({ name: metadata.name, namespace: metadata.namespace ?? '', secretkey, certificatename: metadata.annotations?.['cert-manager.io/certificate-name'] ?? '', serialnumber: serialNumber.toLowerCase() }, validToDate.getTime() / 1000);
      }
    }
  }
}

if (RENDER_ONLY) await collect();
const server = createServer((_, response) => {
  void (async () => {
    if (!RENDER_ONLY) await collect();
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync(await registry.metrics()));
  })();
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`{"port":${(server.address() as { port: number }).port}}\n`));

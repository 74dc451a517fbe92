/** The topology extension alone, for development: `node provisioner/topology/main.ts --cert-dir …`. In the image it is `keelson topology-extension`. */
import { parseArgs } from 'node:util';
import pino from 'pino';
import { runTopologyExtension } from './extension/run.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '9443' },
    'cert-dir': { type: 'string', default: '/certs' },
    'metrics-port': { type: 'string', default: '8080' },
    'health-port': { type: 'string', default: '8081' },
    'log-level': { type: 'string', default: 'info' },
  },
});
const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());

await runTopologyExtension(
  {
    port: Number(values.port),
    certDir: values['cert-dir'],
    metricsPort: Number(values['metrics-port']),
    healthPort: Number(values['health-port']),
    log: pino({ level: values['log-level'] }),
  },
  abort.signal,
);

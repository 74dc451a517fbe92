/** Settings that every exporter of ours has, as parts of its schema. Loaded with the configuration only: zod is not for serving. */
import { z } from 'zod';

export const absolute = z.string().startsWith('/', 'must be an absolute path');

export const serverSettings = {
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least severe log lines to write.'),
  kubeconfig: absolute.optional().describe('A kubeconfig; without one the service account of the pod is used.'),
  tls: z.strictObject({
    certFile: absolute.describe('PEM of the certificate, the leaf first.'),
    keyFile: absolute.describe('PEM of its key.'),
  }).optional().describe('Serve everything with TLS; renewed files are taken up without a restart.'),
};

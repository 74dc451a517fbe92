/** The configuration of cert-exporter: one schema, and the flags of the exporter it replaces as another way to set its keys. */
import { z } from 'zod';
import type { Flag } from '../core/flags.ts';

const absolute = z.string().startsWith('/', 'must be an absolute path');

const files = z.strictObject({
  enabled: z.boolean().default(true).describe('Watch certificates in files.'),
  directories: z.array(absolute).default([]).describe('Directories, walked with everything below them.'),
  globs: z.array(absolute).default([]).describe('Patterns of files: * and ? within a name, ** over folders, {a,b}.'),
  exclude: z.array(absolute).default([]).describe('Patterns of files to leave out.'),
  intervalSeconds: z.number().positive().default(60).describe('Seconds between two walks.'),
  maxFileBytes: z.int().positive().default(4 * 1024 * 1024).describe('Larger files are skipped.'),
});

const secrets = z.strictObject({
  enabled: z.boolean().default(true).describe('Watch Secrets of type kubernetes.io/tls.'),
  namespaces: z.array(z.string().min(1)).default([]).describe('Namespaces; none means all, which needs a ClusterRole.'),
});

export const schema = z.strictObject({
  address: z.string().default(':9005').describe('host:port to listen on.'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least severe log lines to write.'),
  files: files.prefault({}),
  secrets: secrets.prefault({}),
}).superRefine((config, context) => {
  const nothing = config.files.directories.length + config.files.globs.length === 0;
  if (config.files.enabled && nothing) {
    context.addIssue({ code: 'custom', path: ['files', 'directories'], message: 'files are on and nothing is named; name directories or globs, or set files.enabled (--monitor-files) to false' });
  }
  if (!config.files.enabled && !config.secrets.enabled) {
    context.addIssue({ code: 'custom', path: [], message: 'no source is on; enable files (--monitor-files) or secrets (--monitor-secrets)' });
  }
});

export type Config = z.output<typeof schema>;

/** Names and meaning as in giantswarm/cert-exporter. */
export const flags: readonly Flag[] = [
  { name: 'address', kind: 'string', key: ['address'], help: 'host:port to listen on (":9005")' },
  { name: 'cert-paths', kind: 'list', key: ['files', 'directories'], help: 'directories to walk, separated by commas' },
  { name: 'namespaces', kind: 'list', key: ['secrets', 'namespaces'], help: 'namespaces of Secrets, separated by commas; all by default' },
  { name: 'monitor-files', kind: 'boolean', key: ['files', 'enabled'], help: 'watch files (true)' },
  { name: 'monitor-secrets', kind: 'boolean', key: ['secrets', 'enabled'], help: 'watch Secrets of type kubernetes.io/tls (true)' },
  { name: 'log-level', kind: 'string', key: ['logLevel'], help: 'debug, info, warn or error ("info")' },
];

/** The configuration of cert-exporter: one schema, and the flags of the exporter it replaces as another way to set its keys. */
import { z } from 'zod';
import type { Flag } from '../core/flags.ts';
import { absolute, serverSettings } from '../core/settings.ts';

const name = z.string().min(1);
const selector = z.string().default('');
const interval = (seconds: number, what: string): z.ZodDefault<z.ZodNumber> => z.number().positive().default(seconds).describe(what);
const labelSelector = selector.describe('Only objects with these labels, as kubectl writes it: app=web, env!=dev, !skip. The API server selects.');
const namespaces = z.array(name).default([]).describe('Namespaces; none means all, which needs a ClusterRole.');
const namespaceSelector = selector.describe('Only namespaces with these labels; needs the right to watch namespaces, and to watch the kind in all of them.');

const files = z.strictObject({
  enabled: z.boolean().default(true).describe('Watch certificates in files.'),
  directories: z.array(absolute).default([]).describe('Directories, walked with everything below them.'),
  globs: z.array(absolute).default([]).describe('Patterns of files: * and ? within a name, ** over folders, {a,b}.'),
  exclude: z.array(absolute).default([]).describe('Patterns of files to leave out.'),
  intervalSeconds: interval(60, 'Seconds between two walks.'),
  maxFileBytes: z.int().positive().default(4 * 1024 * 1024).describe('Larger files are skipped.'),
  passphrases: z.array(z.strictObject({
    match: absolute.describe('Pattern of keystores.'),
    file: absolute.describe('File whose first line is the passphrase.'),
  })).default([]).describe('Passphrases of PKCS#12 files and Java keystores. Beside these, "x.p12.pass" is tried for "x.p12".'),
});

const keystores = z.array(z.strictObject({
  key: name.describe('Pattern of keys that hold a keystore: "*.p12".'),
  passphraseKey: name.optional().describe('Another key of the same object, whose value is the passphrase.'),
  passphraseFile: absolute.optional().describe('File whose first line is the passphrase.'),
})).default([]).describe('Passphrases of keystores; the keys must be among "keys" too.');

const secrets = z.strictObject({
  enabled: z.boolean().default(true).describe('Watch Secrets.'),
  namespaces, namespaceSelector, labelSelector,
  types: z.array(name).min(1).default(['kubernetes.io/tls']).describe('Types of Secrets, selected by the API server; "*" means every type.'),
  keys: z.array(name).min(1).default(['ca.crt', 'tls.crt']).describe('Keys that are read: patterns with * and ?. All other keys are dropped unread.'),
  passphrases: keystores,
});

const configMaps = z.strictObject({
  enabled: z.boolean().default(false).describe('Watch ConfigMaps.'),
  namespaces, namespaceSelector, labelSelector,
  keys: z.array(name).min(1).default(['*.crt', '*.pem', 'ca-bundle*', '*.crl']).describe('Keys that are read: patterns with * and ?.'),
});

/** Kinds that carry a caBundle. */
export const caBundleKinds = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration', 'APIService', 'CustomResourceDefinition'] as const;

const caBundles = z.strictObject({
  enabled: z.boolean().default(false).describe('Watch the caBundle of webhooks, aggregated APIs and CRD conversion.'),
  kinds: z.array(z.enum(caBundleKinds)).min(1).default([...caBundleKinds]).describe('Kinds that are watched.'),
});

const certificates = z.strictObject({
  enabled: z.boolean().default(false).describe('Watch Certificates of cert-manager and their issuers.'),
  namespaces, labelSelector,
});

const vaultTokens = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).optional().describe('Address of Vault; with tokenFiles it switches the source on.'),
  tokenFiles: z.array(absolute).default([]).describe('Files whose first line is a token, with or without "VAULT_TOKEN=".'),
  caFile: absolute.optional().describe('PEM of the authority of Vault; that of the system by default.'),
  namespace: name.optional().describe('Namespace of Vault Enterprise.'),
  intervalSeconds: interval(60, 'Seconds between two lookups.'),
});

const target = z.strictObject({
  address: z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+):[0-9]{1,5}$/, 'must be host:port').describe('host:port; $(NAME) stands for a variable of the environment, as in a pod\'s args.'),
  serverName: name.optional().describe('Name to ask for (SNI) and to verify; the host by default.'),
  caFile: absolute.optional().describe('PEM of the authorities to verify against; those of the system by default.'),
  certFile: absolute.optional().describe('Client certificate, where the endpoint asks for one.'),
  keyFile: absolute.optional().describe('Key of the client certificate.'),
  servesFile: absolute.optional().describe('File that the endpoint should serve from: makes endpoint_stale.'),
  onlyWithFile: z.boolean().default(false).describe('Leave the target alone where servesFile does not exist: one list of targets for nodes of every kind.'),
  servesSecret: z.string().regex(/^[^/\s]+\/[^/\s]+$/, 'must be namespace/name').optional().describe('Secret (namespace/name, key tls.crt) that the endpoint should serve from; it must be among those that are watched.'),
}).refine((one) => !(one.servesFile && one.servesSecret), 'name servesFile or servesSecret, not both')
  .refine((one) => !one.onlyWithFile || one.servesFile !== undefined, 'onlyWithFile needs servesFile')
  .refine((one) => (one.certFile === undefined) === (one.keyFile === undefined), 'certFile and keyFile go together');

const endpoints = z.strictObject({
  targets: z.array(target).default([]).describe('What to shake hands with; any target switches the source on.'),
  intervalSeconds: interval(60, 'Seconds between two handshakes with a target.'),
  timeoutSeconds: interval(10, 'Longest time a handshake may take.'),
});

const families = z.strictObject({
  notBefore: z.boolean().default(true).describe('The _not_before twins: alerts by fraction of lifetime need them.'),
  info: z.boolean().default(true).describe('The _info families: subject, issuer, names, key, fingerprint.'),
  crl: z.boolean().default(true).describe('cert_exporter_crl_next_update.'),
  certificateStatus: z.boolean().default(true).describe('Readiness, renewal time and failed attempts of cert-manager Certificates.'),
});

export const schema = z.strictObject({
  address: z.string().default(':9005').describe('host:port to listen on.'),
  ...serverSettings,
  families: families.prefault({}).describe('Families that can be switched off. Those of giantswarm/cert-exporter always are there.'),
  files: files.prefault({}).describe('Certificates in files of this machine.'),
  secrets: secrets.prefault({}).describe('Certificates in Secrets.'),
  configMaps: configMaps.prefault({}).describe('Certificates in ConfigMaps.'),
  caBundles: caBundles.prefault({}).describe('Certificates that the API server trusts others by.'),
  certificates: certificates.prefault({}).describe('Certificates of cert-manager.'),
  vaultTokens: vaultTokens.prefault({}).describe('Tokens of Vault.'),
  endpoints: endpoints.prefault({}).describe('TLS endpoints: what is really served.'),
}).superRefine((config, context) => {
  const { files: f, vaultTokens: vault } = config;
  const refuse = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  if (f.enabled && f.directories.length + f.globs.length === 0) {
    refuse(['files', 'directories'], 'files are on and nothing is named; name directories (--cert-paths) or globs, or set files.enabled (--monitor-files) to false');
  }
  if ((vault.url === undefined) !== (vault.tokenFiles.length === 0)) refuse(['vaultTokens'], 'url (--vault-url) and tokenFiles (--token-path) go together');
  for (const [i, { servesSecret }] of config.endpoints.targets.entries()) {
    if (servesSecret && !config.secrets.enabled) refuse(['endpoints', 'targets', String(i), 'servesSecret'], 'Secrets are not watched; set secrets.enabled to true');
  }
  if (!sourcesOf(config).length) refuse([], 'no source is on; enable files (--monitor-files), secrets (--monitor-secrets) or another');
});

export type Config = z.output<typeof schema>;

/** The keys of the sources that are on. */
function sourcesOf(config: Pick<Config, 'files' | 'secrets' | 'configMaps' | 'caBundles' | 'certificates' | 'vaultTokens' | 'endpoints'>): string[] {
  const { files: f, secrets: s, configMaps: m, caBundles: b, certificates: c, vaultTokens: v, endpoints: e } = config;
  return Object.entries({ files: f.enabled, secrets: s.enabled, configMaps: m.enabled, caBundles: b.enabled, certificates: c.enabled, vaultTokens: v.url !== undefined, endpoints: e.targets.length > 0 })
    .filter(([, isOn]) => isOn).map(([key]) => key);
}

/** Names and meaning as in giantswarm/cert-exporter. */
export const flags: readonly Flag[] = [
  { name: 'address', kind: 'string', key: ['address'], help: 'host:port to listen on (":9005")' },
  { name: 'cert-paths', kind: 'list', key: ['files', 'directories'], help: 'directories to walk, separated by commas' },
  { name: 'namespaces', kind: 'list', key: ['secrets', 'namespaces'], also: [['certificates', 'namespaces']], help: 'namespaces of Secrets and Certificates, separated by commas; all by default' },
  { name: 'monitor-files', kind: 'boolean', key: ['files', 'enabled'], help: 'watch files (true)' },
  { name: 'monitor-secrets', kind: 'boolean', key: ['secrets', 'enabled'], help: 'watch Secrets of type kubernetes.io/tls (true)' },
  { name: 'monitor-certificates', kind: 'boolean', key: ['certificates', 'enabled'], help: 'watch Certificates of cert-manager (false)' },
  { name: 'token-path', kind: 'list', key: ['vaultTokens', 'tokenFiles'], help: 'files with Vault tokens, separated by commas' },
  { name: 'vault-url', kind: 'string', key: ['vaultTokens', 'url'], help: 'address of Vault' },
  { name: 'kubeconfig', kind: 'string', key: ['kubeconfig'], help: 'kubeconfig, outside of a pod' },
  { name: 'log-level', kind: 'string', key: ['logLevel'], help: 'debug, info, warn or error ("info")' },
];

/** `cert-exporter scan`: when certificates expire, now and once, for a person or a script. */
import { parseArgs } from 'node:util';
import { parseDuration } from './duration.ts';
import { ScanError } from './errors.ts';
import { renderJson, renderTable } from './render.ts';
import { scanCluster, scanEndpoint, scanPath, type Scanned } from './targets.ts';

export interface ScanContext {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly now: Date;
}

const help = `Usage: cert-exporter scan [PATH|host:port ...] [flags]

Prints certificates, the soonest to expire first. Exit code 0: nothing expires within --within; 1: something does, or
has; 2: a target could not be read, or the command is wrong.

  PATH                files and directories, with everything below them
  host:port           what is served there
  --kubeconfig FILE   Secrets of type kubernetes.io/tls of that cluster
  --context NAME      context of the kubeconfig
  --namespaces A,B    only these namespaces
  --ca FILE           authorities that endpoints are verified against
  --passphrase-file F passphrase of keystores
  --within 30d        what counts as soon: 90m, 12h, 30d; 0d by default: what has expired
  --output json       for scripts; "table" by default
`;

const options = {
  kubeconfig: { type: 'string' }, context: { type: 'string' }, namespaces: { type: 'string' }, ca: { type: 'string' }, 'passphrase-file': { type: 'string' },
  within: { type: 'string', default: '0d' }, output: { type: 'string', default: 'table' }, help: { type: 'boolean', short: 'h' },
} as const;

/** @returns the exit code. @throws ScanError SCAN_USAGE */
export async function runScan(argv: readonly string[], context: ScanContext): Promise<number> {
  const { values, positionals } = parse(argv);
  if (values.help) {
    context.write(help);
    return 0;
  }
  const withinSeconds = parseDuration(values.within);
  if (values.output !== 'table' && values.output !== 'json') throw new ScanError('SCAN_USAGE', `--output ${values.output}: write table or json`);
  if (positionals.length === 0 && values.kubeconfig === undefined) throw new ScanError('SCAN_USAGE', 'nothing to scan: name a path, host:port or --kubeconfig; --help explains');
  const scanned = await scanAll(positionals, values, context);
  const entries = scanned.flatMap((one) => one.entries).sort((a, b) => a.notAfter - b.notAfter);
  const problems = scanned.flatMap((one) => one.problems);
  const now = context.now.getTime() / 1000;
  context.write(values.output === 'json' ? renderJson({ entries, problems }, now) : renderTable({ entries, problems }, { now, withinSeconds, isTerminal: context.isTerminal }));
  if (scanned.some(({ isUnreadable }) => isUnreadable)) return 2;
  return entries.some(({ notAfter }) => notAfter <= now + withinSeconds) ? 1 : 0;
}

type Values = ReturnType<typeof parse>['values'];

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new ScanError('SCAN_USAGE', `scan: ${cause instanceof Error ? cause.message : String(cause)}; scan --help lists the flags`, { cause });
  }
}

function scanAll(targets: readonly string[], values: Values, { version }: ScanContext): Promise<Scanned[]> {
  const namespaces = (values.namespaces ?? '').split(',').map((one) => one.trim()).filter(Boolean);
  const clusters = values.kubeconfig === undefined ? [] : [scanCluster({ kubeconfig: values.kubeconfig, context: values.context, namespaces, userAgent: `cert-exporter/${version}` })];
  return Promise.all([
    ...targets.map((target) => (isEndpoint(target) ? scanEndpoint(target, values.ca) : scanPath(target, values['passphrase-file']))),
    ...clusters,
  ]);
}

/** A path that looks like host:port is written ./host:port. */
const isEndpoint = (target: string): boolean => /^(\[[0-9a-fA-F:.]+\]|[^/:\s]+):\d{1,5}$/.test(target);

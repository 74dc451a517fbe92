/** `keelson policy pods FILES…`: pods, and controllers by their templates, against the Pod Security Standards. */
import { readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import type { Finding } from '../../../../policies/findings/finding.ts';
import type { Level } from '../../../../policies/pods/check.ts';
import { PodPolicyError } from '../../../../policies/pods/errors.ts';
import { checkedExceptions, type Exception, exceptionSchema } from '../../../../policies/pods/exception.ts';
import { reviewExceptions, smallestWaiver, withExceptions } from '../../../../policies/pods/review.ts';
import { table } from '../../../../policies/pods/table.ts';
import { type CustomPaths, type Verdict, workloadJudge } from '../../../../policies/pods/workload.ts';
import type { CliContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import type { FindingsFormat } from '../../write.ts';
import { write } from '../../write.ts';
import { type Manifest, readManifests } from './manifests.ts';
import { findingsTable, writeFindings } from './write-findings.ts';

export interface PodsCommandOptions {
  readonly level: Level;
  readonly version: string;
  readonly output: FindingsFormat;
  readonly kubeconfig?: string;
  readonly kind?: CustomPaths;
  readonly exceptions?: string;
  readonly suggestException?: true;
  readonly reviewExceptions?: true;
  readonly namespace?: string;
}

interface Judged {
  readonly verdict: Verdict;
  readonly manifest: Manifest;
}

/** Exit code 1 when an object breaks a check that no exception waives. */
export async function policyPods(context: CliContext, files: readonly string[], options: PodsCommandOptions): Promise<void> {
  const judge = judgeOf(options);
  const manifests = options.kubeconfig === undefined ? await readManifests(files, context) : await (await import('./cluster-workloads.ts')).clusterWorkloads(options.kubeconfig, context.signal);
  const now = new Date();
  const exceptions = options.exceptions === undefined ? [] : await exceptionsIn(options.exceptions, options.reviewExceptions ? new Date(0) : now);
  const judged = manifests.map((manifest): Judged => ({ manifest, verdict: judge(manifest) }));
  if (options.suggestException) return suggest(context, judged, options);
  if (options.reviewExceptions) return review(context, judged, exceptions, options.output);
  report(context, judged.map(({ manifest, verdict }) => ({ manifest, verdict: withExceptions(verdict, manifest.object, exceptions, now) })), options);
}

/** @throws CliError CLI_BAD_OPTION for a version that does not exist, CLI_MANIFEST_BROKEN for an object that no API server takes */
function judgeOf({ level, version, kind: custom }: PodsCommandOptions): (manifest: Manifest) => Verdict {
  const judge = asCliError('CLI_BAD_OPTION', '', () => workloadJudge({ level, version, ...(custom ? { custom } : {}) }));
  return ({ object, source }) => asCliError('CLI_MANIFEST_BROKEN', `${source.file}${source.line === undefined ? '' : `:${source.line}`}: ${String(object['kind'])}: `, () => judge(object));
}

function report(context: CliContext, judged: readonly Judged[], { output, level, version }: PodsCommandOptions): void {
  const findings = judged.flatMap(findingsOf);
  const checked = `${judged.length} ${judged.length === 1 ? 'object' : 'objects'} against ${level} ${version}`;
  if (output === 'sarif') return writeFindings(context, output, { command: 'keelson policy pods', rules: Object.fromEntries(table.map((check) => [check.id, check.why])), findings, checked });
  write(context, output, judged.map(({ verdict }) => verdict), () => findingsTable({ findings, checked }));
  if (findings.length > 0) context.setExitCode(1);
}

function findingsOf({ verdict, manifest }: Judged): Finding[] {
  return verdict.violations.map(({ check, path, found, fix }) => ({
    object: verdict.object,
    path,
    rule: check,
    severity: 'error',
    message: found === null ? 'is not set' : `is ${JSON.stringify(found)}`,
    fix,
    source: manifest.source,
  }));
}

/** YAML for the values of the chart policies. What only people know is left open, and refused by the chart until it is filled in. */
function suggest(context: CliContext, judged: readonly Judged[], { namespace }: PodsCommandOptions): void {
  const open = '?';
  const suggested = judged.flatMap(({ verdict }) => smallestWaiver(verdict, { reason: open, ...(namespace === undefined ? {} : { namespace }) }) ?? []);
  for (const { verdict } of judged) {
    if (!verdict.allowed && !suggested.some((waiver) => waiver.kind === verdict.object.kind && waiver.name === verdict.object.name)) {
      context.stderr.write(`keelson: ${verdict.object.kind} ${verdict.object.name}: exceptions are for workloads, not for this kind\n`);
    }
  }
  const exceptions = suggested.map((waiver) => ({ ...waiver, who: [], owner: open, ticket: open, expires: open }));
  context.stdout.write(stringify(exceptions, { version: '1.1' }));
}

function review(context: CliContext, judged: readonly Judged[], exceptions: readonly Exception[], output: FindingsFormat): void {
  if (output === 'sarif') throw new CliError('CLI_BAD_OPTION', '--review-exceptions has no SARIF; choose table, json or yaml');
  const lines = reviewExceptions(exceptions, judged.map(({ verdict, manifest }) => ({ verdict, object: manifest.object })), new Date());
  write(context, output, lines, () => lines.map(({ workload, state, advice }) => `${state.padEnd(8)} ${workload}  ${advice}\n`).join(''));
  if (lines.some(({ state }) => state !== 'needed')) context.setExitCode(1);
}

async function exceptionsIn(file: string, now: Date): Promise<Exception[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => Promise.reject(new CliError('CLI_FILE_UNREADABLE', `cannot read --exceptions ${file}; it is a YAML list of {${Object.keys(exceptionSchema.shape).join(', ')}}`, { cause })));
  return asCliError('CLI_BAD_OPTION', `--exceptions ${file}: `, () => checkedExceptions(parse(text), now));
}

function asCliError<T>(code: ConstructorParameters<typeof CliError>[0], where: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw cause instanceof PodPolicyError ? new CliError(code, `${where}${cause.message}`, { cause }) : cause;
  }
}

/** `keelson policy network …`: what the policies of manifests do, offline. */
import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { check, load } from '../../../../policies/network/check/check.ts';
import { rules } from '../../../../policies/network/check/rules.ts';
import { installed } from '../../../../policies/network/check/select.ts';
import { catalogue, type Catalogue } from '../../../../policies/network/contracts/catalogue.ts';
import { parseSite } from '../../../../policies/network/contracts/site-file.ts';
import { denialText, flowText } from '../../../../policies/network/check/words.ts';
import { type Change, diff } from '../../../../policies/network/diff.ts';
import { matrix } from '../../../../policies/network/matrix/matrix.ts';
import { svgMatrix } from '../../../../policies/network/matrix/svg.ts';
import { terminalMatrix } from '../../../../policies/network/matrix/terminal.ts';
import { endpointNamed, explain, explanationText, portNamed } from '../../../../policies/network/explain.ts';
import { generate, type GenerateOptions } from '../../../../policies/network/generate/bundle.ts';
import type { ReadManifest } from '../../../../policies/network/world/manifest.ts';
import { readWorld } from '../../../../policies/network/world/read-world.ts';
import type { CliContext } from '../../context.ts';
import type { FindingsFormat } from '../../write.ts';
import { type ChartOptions, readWithCharts } from './charts.ts';
import { writeFindings } from './write-findings.ts';

export interface NetworkOptions extends ChartOptions {
  readonly cluster: 'management' | 'workload';
  readonly site?: string;
  readonly tenant: readonly string[];
}
export interface CheckCommandOptions extends NetworkOptions {
  readonly output: FindingsFormat;
  readonly ignore: readonly string[];
}

/** Exit code 1 when a contract is violated or a lint finds something, be it a warning. */
export async function networkCheck(context: CliContext, files: readonly string[], options: CheckCommandOptions): Promise<void> {
  const manifests = await readWithCharts(files.length > 0 ? files : ['-'], context, options);
  const result = check(manifests, { catalogue: await catalogueFor(options), tenants: options.tenant });
  const findings = result.findings.filter(({ rule }) => !options.ignore.some((ignored) => rule === ignored || rule === `network/${ignored}`));
  writeFindings(context, options.output, { command: 'keelson policy network', rules, findings, checked: `${result.policies} policies, ${result.pods} pods${result.standIns ? ' (made from contracts: the manifests hold none)' : ''}` });
  if (findings.length > 0) context.setExitCode(1);
}

/** Without files the generated policies are explained. */
export async function networkExplain(context: CliContext, [from, to, port]: readonly [string, string, string], files: readonly string[], options: NetworkOptions & { readonly output: 'table' | 'json' }): Promise<void> {
  const contracts = await catalogueFor(options);
  const manifests = files.length > 0 ? await readWithCharts(files, context, options) : generated(contracts, options.tenant);
  const { simulator } = load(manifests, { catalogue: contracts, tenants: options.tenant });
  const result = explain({ from: endpointNamed(from, contracts, simulator), to: endpointNamed(to, contracts, simulator), ...portNamed(port) }, simulator);
  context.stdout.write(options.output === 'json' ? `${JSON.stringify(result, undefined, 2)}\n` : explanationText(result));
  context.setExitCode(result.verdict.allowed ? 0 : 1);
}

export interface GenerateCommandOptions extends NetworkOptions {
  readonly kind: 'cilium' | 'kubernetes';
  readonly hosts: 'off' | 'audit' | 'enforce';
  readonly nodeCidr: readonly string[];
}

/** With files: only for components whose pods are among them. What NetworkPolicy cannot say goes to stderr. */
export async function networkGenerate(context: CliContext, files: readonly string[], options: GenerateCommandOptions): Promise<void> {
  const whole = await catalogueFor(options);
  const contracts = files.length > 0 ? installed(whole, readWorld(await readWithCharts(files, context, options)).world) : whole;
  const { policies, lost } = generate(contracts, { kind: options.kind, hosts: options.hosts, tenants: options.tenant, nodeCidrs: options.nodeCidr } satisfies GenerateOptions);
  context.stdout.write(policies.map((policy) => stringify(policy, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })).join('---\n'));
  for (const { policy, kind, what } of lost) context.stderr.write(`${kind}: ${policy}: ${what}\n`);
}

/** Pods are those of both sides, or made from contracts; exit code 1 when a flow differs. */
export async function networkDiff(context: CliContext, [before, after]: readonly [string, string], options: NetworkOptions & { readonly output: 'table' | 'json'; readonly world: readonly string[] }): Promise<void> {
  const contracts = await catalogueFor(options);
  const [old, now, around] = await Promise.all([[before], [after], options.world].map((paths) => readWithCharts(paths, context, options)));
  const everything = [...(now ?? []), ...(old ?? []), ...(around ?? [])];
  const { simulator } = load(once(everything), { catalogue: contracts, tenants: options.tenant });
  const policiesOf = (manifests: readonly ReadManifest[] = []): readonly object[] => readWorld(manifests).policies.map(({ object }) => object);
  const changes = diff(simulator.world, policiesOf(old), policiesOf(now));
  context.stdout.write(options.output === 'json' ? `${JSON.stringify(changes, undefined, 2)}\n` : diffText(changes));
  context.setExitCode(changes.length > 0 ? 1 : 0);
}

/** The newer of two objects with the same name. */
function once(manifests: readonly ReadManifest[]): readonly ReadManifest[] {
  const key = ({ object: { apiVersion, kind, metadata } }: ReadManifest): string => JSON.stringify([apiVersion, kind, metadata.namespace, metadata.name]);
  const first = new Map([...manifests].reverse().map((manifest) => [key(manifest), manifest]));
  return [...first.values()].reverse();
}

function diffText(changes: readonly Change[]): string {
  const lines = changes.map(({ change, from, to, ports, witness, before, after }) => {
    const closed = change === 'opened' ? before : after;
    return `${change === 'opened' ? '+ opened' : '- closed'}  ${listText(from)} → ${listText(to)}: ${ports}\n    for example ${flowText(witness)}, ${change === 'opened' ? 'before' : 'now'} denied ${denialText(closed)}\n`;
  });
  return `${lines.join('')}${changes.length === 0 ? 'no flow differs' : `${changes.length} changes`}\n`;
}

const listText = (labels: readonly string[]): string => (labels.length > 4 ? `${labels.slice(0, 3).join(', ')} and ${labels.length - 3} more` : labels.join(', '));

export async function networkMatrix(context: CliContext, files: readonly string[], options: NetworkOptions & { readonly output: 'table' | 'json'; readonly svg?: string }): Promise<void> {
  const contracts = await catalogueFor(options);
  const manifests = files.length > 0 ? await readWithCharts(files, context, options) : generated(contracts, options.tenant);
  const { read, simulator } = load(manifests, { catalogue: contracts, tenants: options.tenant });
  const result = matrix(simulator.world, read.policies.map(({ object }) => object), contracts);
  if (options.svg !== undefined) await writeFile(options.svg, svgMatrix(result, `Who reaches whom: ${files.length > 0 ? files.join(', ') : 'the generated policies'}`));
  context.stdout.write(options.output === 'json' ? `${JSON.stringify(result, undefined, 2)}\n` : terminalMatrix(result));
}

function generated(contracts: Catalogue, tenants: readonly string[]): readonly ReadManifest[] {
  return generate(contracts, { hosts: 'enforce', tenants }).policies.map((policy, i) => ({ object: { ...policy }, origin: { file: 'generated', document: i + 1 } }));
}

async function catalogueFor({ cluster, site }: NetworkOptions): Promise<Catalogue> {
  return catalogue({ cluster, ...(site === undefined ? {} : parseSite(site, parse(await readFile(site, 'utf8')))) });
}


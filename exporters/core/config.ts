/** Configuration of an exporter: a YAML file, flags over it, checked by one Zod schema; all problems at once. */
import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { ExporterError, systemErrorCode } from './errors.ts';

export interface ConfigSource {
  /** Path of a YAML file, or undefined when there are only flags. */
  readonly path: string | undefined;
  /** Keys that win over the file's. */
  readonly overrides: Readonly<Record<string, unknown>>;
}

/** @throws ExporterError CONFIG_UNREADABLE, CONFIG_INVALID: one line per problem with its path and what to do */
export async function loadConfig<T extends z.ZodObject>(schema: T, source: ConfigSource): Promise<z.output<T>> {
  const file = source.path === undefined ? {} : await readYaml(source.path);
  const result = schema.safeParse(merge(file, source.overrides));
  if (result.success) return result.data;
  const known = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as SchemaNode;
  const problems = result.error.issues.flatMap((issue) => describe(issue, known));
  throw new ExporterError('CONFIG_INVALID', `configuration${source.path ? ` ${source.path}` : ''}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
}

async function readYaml(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const reason = systemErrorCode(cause) === 'ENOENT' ? 'there is no such file' : String(cause);
    throw new ExporterError('CONFIG_UNREADABLE', `configuration ${path}: ${reason}; check --config`, { cause });
  });
  const document = parseDocument(text, { prettyErrors: true });
  const problems = document.errors.map((error) => `  ${error.message.split('\n', 1)[0]}`);
  if (problems.length) throw new ExporterError('CONFIG_INVALID', `configuration ${path} is not YAML:\n${problems.join('\n')}`);
  const content: unknown = document.toJS();
  if (content === null || content === undefined) return {};
  if (!isRecord(content)) throw new ExporterError('CONFIG_INVALID', `configuration ${path}: must be a map of keys at the top`);
  return content;
}

/** Maps are merged key by key; everything else is replaced. */
function merge(base: Readonly<Record<string, unknown>>, over: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, content] of Object.entries(over)) {
    const present = merged[key];
    merged[key] = isRecord(present) && isRecord(content) ? merge(present, content) : content;
  }
  return merged;
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

function describe(issue: z.core.$ZodIssue, schema: SchemaNode): string[] {
  if (issue.code !== 'unrecognized_keys') return [`${issue.path.join('.') || '(top)'}: ${issue.message}`];
  const known = Object.keys(nodeAt(schema, issue.path)?.properties ?? {});
  return issue.keys.map((key) => {
    const near = nearest(key, known);
    return `${[...issue.path, key].join('.')}: unknown key; ${near ? `did you mean "${near}"?` : `known are ${known.join(', ')}`}`;
  });
}

function nodeAt(schema: SchemaNode, path: readonly PropertyKey[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = schema;
  for (const part of path) node = typeof part === 'number' ? node?.items : node?.properties?.[String(part)];
  return node;
}

/** The candidate with the fewest edits, if at most a third of the word (at least two letters) must change. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(word.length / 3));
  const ranked = candidates.map((candidate) => ({ candidate, edits: edits(word.toLowerCase(), candidate.toLowerCase()) }));
  return ranked.filter((entry) => entry.edits <= limit).sort((a, b) => a.edits - b.edits)[0]?.candidate;
}

/** Levenshtein distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    let previous = i + 1;
    const next = [previous];
    for (const [j, other] of [...b].entries()) {
      previous = Math.min((row[j + 1] ?? 0) + 1, previous + 1, (row[j] ?? 0) + (letter === other ? 0 : 1));
      next.push(previous);
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Rules of the table as CEL, the language in which the API server and Kyverno decide. Fields that may be missing are read
 * with optionals (Kubernetes 1.29 and later). What an expression may use:
 *
 *   variables.containers   all containers of the pod; see `containersExpression`
 *   variables.annotations  those of the pod; see `annotationsExpression`
 *   variables.level        'privileged', 'baseline' or 'restricted'
 *   variables.minor        minor version of the standard
 *
 * https://kubernetes.io/docs/reference/using-api/cel/
 */
import type { Check, CheckId, Exemption, Revision, Rule, Value } from './check.ts';
import { type Step, stepsOf } from './fields.ts';
import { type Table, table as standard } from './table.ts';
import { oldestMinor } from './version.ts';

/** How the expressions reach the pod: `object`, or a variable that holds a template. */
export type Root = string;

/** All containers of a pod, in one list. */
export function containersExpression(root: Root): string {
  return `${root}.spec.containers + ${root}.spec.?initContainers.orValue([]) + ${root}.spec.?ephemeralContainers.orValue([])`;
}

/** The annotations of a pod; a template may lack metadata. */
export function annotationsExpression(root: Root): string {
  return `has(${root}.metadata) ? ${root}.metadata.?annotations.orValue({}) : {}`;
}

/** True where the check does not refuse the pod: it passes, or its level and version do not ask for it. */
export function checkExpression(check: Check, root: Root, checks: Table = standard): string {
  return `${notAsked(check, checks)} || ${byVersion(check, root)}`;
}

/** The message of a refusal: which check, of which level, and what to change. */
export function checkMessage(check: Check): string {
  const fixes = new Set(check.revisions.flatMap((revision) => revision.rules.map((rule) => rule.fix)));
  return `${check.id}: ${check.title} (Pod Security Standards, ${check.level}): ${[...fixes].join('; ')}`;
}

/** The ids in a text that has messages of `checkMessage` in it. */
export function checksOfMessage(message: string): CheckId[] {
  return [...message.matchAll(/([A-Za-z_]+): [^:|]+ \(Pod Security Standards, /g)].map((match) => match[1] as CheckId);
}

function notAsked(check: Check, checks: Table): string {
  if (check.level === 'restricted') return "variables.level != 'restricted'";
  const stricter = checks.find((other) => other.replaces === check.id);
  const since = Math.max(stricter?.revisions[0]?.since ?? 0, oldestMinor);
  const replaced = stricter ? ` || (variables.level == 'restricted'${since > oldestMinor ? ` && variables.minor >= ${since}` : ''})` : '';
  return `variables.level == 'privileged'${replaced}`;
}

/** The revision of the version that is asked for, newest first; revisions that are over before the oldest version are left out. */
function byVersion(check: Check, root: Root): string {
  const lastOld = check.revisions.findLastIndex((revision) => revision.since <= oldestMinor);
  const [first, ...later] = check.revisions.slice(Math.max(lastOld, 0));
  if (!first) return 'true';
  const start = first.since <= oldestMinor ? bracket(revisionExpression(first, root)) : `(variables.minor < ${first.since} || ${bracket(revisionExpression(first, root))})`;
  return later.reduce((older, revision) => `(variables.minor >= ${revision.since} ? ${bracket(revisionExpression(revision, root))} : ${older})`, start);
}

const exemptions: Readonly<Record<Exemption, (root: Root) => string>> = {
  windows: (root) => `${root}.spec.?os.?name.orValue('') == 'windows'`,
  userNamespace: (root) => `!${root}.spec.?hostUsers.orValue(true)`,
};

function revisionExpression(revision: Revision, root: Root): string {
  const rules = revision.rules.flatMap((rule) => ruleExpressions(rule, root)).join(' && ');
  return revision.exempts ? `${exemptions[revision.exempts](root)} || (${rules})` : rules;
}

function ruleExpressions(rule: Rule, root: Root): string[] {
  switch (rule.kind) {
    case 'allowed':
      return rule.paths.map((path) => atPath(path, root, (parent, key) => allowedAt(rule, parent, key)));
    case 'refused':
      return rule.paths.map((path) => atPath(path, root, (parent, key) => `!(${read(parent, key, otherThan(rule.refused))} in ${literal(rule.refused)})`));
    case 'absent':
      return rule.paths.map((path) => atPath(path, root, (parent, key) => `!${optional(parent, key)}.hasValue()`));
    case 'required':
      return [requiredExpression(rule, root)];
    case 'contains':
      return [atPath(rule.path, root, (parent, key) => `${literal(rule.value)} in ${read(parent, key, [])}`)];
    case 'annotations': {
      const all = 'variables.annotations';
      return [`${all}.all(k, !k.startsWith(${literal(rule.prefix)}) || ${all}[k] in ${literal(rule.allowed)} || ${all}[k].startsWith(${literal(rule.allowedPrefix)}))`];
    }
    case 'volumes': {
      const any = (sources: readonly string[]): string => sources.map((source) => `has(v.${source})`).join(' || ');
      return [`${root}.spec.?volumes.orValue([]).all(v, ${any(rule.allowed)} || !(${any(rule.others)}))`];
    }
  }
}

/** A node of the object: an expression, and whether it is an optional that has to be opened. */
interface Node {
  readonly text: string;
  readonly isOptional: boolean;
}

/** Walks to the last key of a path, with `all` over every list on the way, and lets `leaf` say what holds there. */
function atPath(path: string, root: Root, leaf: (parent: Node, key: string | undefined) => string): string {
  const isContainer = path.startsWith('C[*].');
  const steps = stepsOf(isContainer ? path.slice('C[*].'.length) : path);
  if (!isContainer) return walk({ text: root, isOptional: false }, steps, 'x', leaf);
  return `variables.containers.all(c, ${walk({ text: 'c', isOptional: false }, steps, 'x', leaf)})`;
}

function walk(node: Node, steps: readonly Step[], name: string, leaf: (parent: Node, key: string | undefined) => string): string {
  const [step, ...rest] = steps;
  if (!step) return leaf(node, undefined);
  if (step.each) return `${read(node, step.key, [])}.all(${name}, ${walk({ text: name, isOptional: false }, rest, `${name}x`, leaf)})`;
  if (rest.length === 0) return leaf(node, step.key);
  // Every pod has a spec.
  const next = step.key === 'spec' ? { text: `${node.text}.spec`, isOptional: false } : { text: optional(node, step.key), isOptional: true };
  return walk(next, rest, name, leaf);
}

function allowedAt(rule: Rule & { kind: 'allowed' }, parent: Node, key: string | undefined): string {
  if (key === undefined) return `${parent.text} in ${literal(rule.allowed)}`;
  if (rule.unset !== 'refused') return isOneOf(read(parent, key, rule.allowed[0]), rule.allowed);
  if (!parent.isOptional) return isOneOf(read(parent, key, ''), rule.allowed);
  return `(!${parent.text}.hasValue() || ${isOneOf(read(parent, key, ''), rule.allowed)})`;
}

function requiredExpression(rule: Rule & { kind: 'required' }, root: Root): string {
  const none = otherThan(rule.allowed);
  const inherited = rule.inherits === undefined ? undefined : atPath(rule.inherits, root, (parent, key) => isOneOf(read(parent, key, none), rule.allowed));
  return atPath(rule.path, root, (parent, key) => (inherited === undefined ? isOneOf(read(parent, key, none), rule.allowed) : `(${optional(parent, key)}.hasValue() || ${inherited})`));
}

function optional({ text }: Node, key: string | undefined): string {
  return key === undefined ? text : `${text}.?${key}`;
}

function read(node: Node, key: string | undefined, ifUnset: Value | readonly Value[] | undefined): string {
  return `${optional(node, key)}.orValue(${literal(ifUnset ?? '')})`;
}

function isOneOf(expression: string, values: readonly Value[]): string {
  const [only] = values;
  if (values.length > 1 || only === undefined) return `${expression} in ${literal(values)}`;
  if (typeof only === 'boolean') return only ? expression : `!${expression}`;
  return `${expression} == ${literal(only)}`;
}

/** A value of the same type that is none of these. */
function otherThan(values: readonly Value[]): Value {
  const [first] = values;
  if (typeof first === 'boolean') return !first;
  return typeof first === 'number' ? Math.max(...(values as readonly number[])) + 1 : '';
}

/** CEL literals of plain values are JSON but for the quotes, which YAML prefers single. */
function literal(value: Value | readonly Value[]): string {
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  return typeof value === 'object' ? `[${value.map(literal).join(', ')}]` : String(value);
}

function bracket(expression: string): string {
  return /^\(.*\)$/.test(expression) && !/\).*\(/.test(expression) ? expression : `(${expression})`;
}

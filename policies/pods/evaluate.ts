/**
 * Judges pods by the table. `evaluatorOf` compiles the checks of a level and version once; what it returns is called for
 * each pod and keeps nothing.
 *
 *   const judge = evaluatorOf({ level: 'restricted', version: 'v1.36' });
 *   judge({ metadata, spec });  // → [{ check: 'hostPorts', path: 'spec.containers[0].ports[0].hostPort', found: 80, fix: '…' }]
 */
import type { Exemption, Level, Violation } from './check.ts';
import { asFields, asList, type Fields, join } from './fields.ts';
import { compile, type CompiledRule, type PodParts } from './rules.ts';
import { type CheckInForce, checksInForce, type Table, table as standard } from './table.ts';
import { minorOf } from './version.ts';

export interface Standard {
  readonly level: Level;
  /** v1.25 and later, or latest. */
  readonly version: string;
  /** Another table than the standard's: only tests of the table itself use it. */
  readonly table?: Table;
}

/** A pod, or the template of a controller: what has `spec` and perhaps `metadata`. */
export type PodTemplate = Fields;

/** @param prefix where the template is in the object that people see: "spec.template" */
export type Judge = (template: PodTemplate, prefix?: string) => Violation[];

/** @throws PodPolicyError PODS_VERSION */
export function evaluatorOf({ level, version, table }: Standard): Judge {
  const checks = checksInForce(level, minorOf(version), table ?? standard).map(compileCheck);
  return (template, prefix = '') => {
    const parts = partsOf(template);
    return checks.flatMap((check) => check(parts, prefix));
  };
}

/** @throws PodPolicyError PODS_VERSION */
export function levelReached(version: string, table?: Table): (template: PodTemplate) => Level {
  const [restricted, baseline] = (['restricted', 'baseline'] as const).map((level) => evaluatorOf({ level, version, ...(table ? { table } : {}) }));
  return (template) => (restricted?.(template).length === 0 ? 'restricted' : baseline?.(template).length === 0 ? 'baseline' : 'privileged');
}

const exemptions: Readonly<Record<Exemption, (spec: Fields) => boolean>> = {
  windows: (spec) => (spec['os'] ?? undefined) !== undefined && asFields(spec['os'], 'spec.os')['name'] === 'windows',
  userNamespace: (spec) => spec['hostUsers'] === false,
};

function compileCheck({ check, revision }: CheckInForce): (parts: PodParts, prefix: string) => Violation[] {
  const isExempt = revision.exempts && exemptions[revision.exempts];
  const rules = revision.rules.map((rule): [string, CompiledRule] => [rule.fix, compile(rule)]);
  return (parts, prefix) => {
    if (isExempt?.(parts.pod['spec'] as Fields)) return nothing;
    if (rules.every(([, rule]) => rule.holds(parts))) return nothing;
    const found = rules.flatMap(([fix, rule]) => rule.failures(parts).map(({ path, value }) => ({ check: check.id, path: join(prefix, path), found: value ?? null, fix })));
    // Two rules of a check may meet at one place (a profile without a type is both not allowed and missing): once is enough.
    return found.filter((violation, i) => found.findIndex(({ path }) => path === violation.path) === i);
  };
}
const nothing: Violation[] = [];

/** Init containers first, as the reference implementation visits them. */
const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

function partsOf(pod: PodTemplate): PodParts {
  const spec = asFields(pod['spec'] ?? {}, 'spec');
  const containers: Fields[] = [];
  const ends: number[] = [];
  for (const name of lists) {
    const list = spec[name] ?? undefined;
    if (list !== undefined) for (const container of asList(list, `spec.${name}`)) containers.push(asFields(container ?? {}, `spec.${name}[*]`));
    ends.push(containers.length);
  }
  const containerPath = (i: number): string => {
    const list = ends.findIndex((end) => i < end);
    return `spec.${lists[list] ?? ''}[${i - (ends[list - 1] ?? 0)}]`;
  };
  return { pod: pod['spec'] === spec ? pod : { ...pod, spec }, containers, containerPath };
}

/** Wrong tables, one mistake each, made from the right one: what a slip in the table would look like. */
import type { Check, Revision, Rule, Value } from '../../../policies/pods/check.ts';
import { type Table, table } from '../../../policies/pods/table.ts';

export interface Mutant {
  readonly name: string;
  /** The one check that differs; `undefined` where only the verdict of a level can. */
  readonly check: Check;
  readonly table: Table;
}

/** Versions that the reference implementation and the table both know. */
const [oldest, newest] = [25, 36];

export function* mutants(): Generator<Mutant> {
  for (const check of table) {
    const replaceBy = (name: string, wrong: Check): Mutant => ({ name: `${check.id}: ${name}`, check, table: table.map((other) => (other === check ? wrong : other)) });
    for (const [i, revision] of check.revisions.entries()) {
      const end = check.revisions[i + 1]?.since ?? newest + 1;
      if (end <= oldest || revision.since > newest) continue;
      const withRevision = (wrong: Revision): Check => ({ ...check, revisions: check.revisions.with(i, wrong) });
      for (const [name, wrong] of wrongRevisions(revision)) yield replaceBy(`v1.${revision.since}: ${name}`, withRevision(wrong));
      // A gate before the oldest version cannot be seen.
      if (revision.since > oldest) for (const by of [-1, 1]) yield replaceBy(`gate v1.${revision.since} moved by ${by}`, withRevision({ ...revision, since: revision.since + by }));
    }
    if (check.replaces !== undefined) {
      const { replaces: _, ...rest } = check;
      yield replaceBy(`no longer replaces ${check.replaces}`, rest);
    }
    yield { name: `${check.id}: dropped`, check, table: table.filter((other) => other !== check) };
  }
}

function* wrongRevisions(revision: Revision): Generator<[string, Revision]> {
  if (revision.exempts) {
    const { exempts, ...rest } = revision;
    yield [`${exempts} not exempt`, rest];
    yield ['the other exemption', { ...revision, exempts: exempts === 'windows' ? 'userNamespace' : 'windows' }];
  } else {
    yield ['windows exempt', { ...revision, exempts: 'windows' }];
    yield ['user namespaces exempt', { ...revision, exempts: 'userNamespace' }];
  }
  for (const [i, rule] of revision.rules.entries()) {
    if (revision.rules.length > 1) yield [`rule ${i} (${rule.kind}) dropped`, { ...revision, rules: revision.rules.toSpliced(i, 1) }];
    for (const [name, wrong] of wrongRules(rule)) yield [`rule ${i} (${rule.kind}): ${name}`, { ...revision, rules: revision.rules.with(i, wrong) }];
  }
}

function* wrongRules(rule: Rule): Generator<[string, Rule]> {
  if ('paths' in rule && rule.paths.length > 1) for (const [i, path] of rule.paths.entries()) yield [`without ${path}`, { ...rule, paths: rule.paths.toSpliced(i, 1) }];
  switch (rule.kind) {
    case 'allowed':
      for (const [name, allowed] of wrongSets(rule.allowed)) yield [name, { ...rule, allowed }];
      if (rule.unset) yield ['unset is fine', (({ unset: _, ...rest }) => rest)(rule)];
      else yield ['unset is refused', { ...rule, unset: 'refused' }];
      break;
    case 'refused':
      yield ['refuses 1 too', { ...rule, refused: [...rule.refused, 1] }];
      yield ['refuses 1 instead', { ...rule, refused: [1] }];
      break;
    case 'required':
      for (const [name, allowed] of wrongSets(rule.allowed)) yield [name, { ...rule, allowed }];
      if (rule.inherits) yield ['does not inherit', (({ inherits: _, ...rest }) => rest)(rule)];
      break;
    case 'contains':
      yield ['all instead of ALL', { ...rule, value: 'all' }];
      break;
    case 'annotations':
      for (const value of rule.allowed) yield [`without "${value}"`, { ...rule, allowed: rule.allowed.filter((other) => other !== value) }];
      yield ['allows unconfined', { ...rule, allowed: [...rule.allowed, 'unconfined'] }];
      yield ['another prefix of keys', { ...rule, prefix: 'seccomp.' }];
      yield ['another prefix of values', { ...rule, allowedPrefix: 'remote/' }];
      yield ['a shorter prefix of values', { ...rule, allowedPrefix: 'localhost' }];
      break;
    case 'volumes':
      for (const source of rule.allowed) yield [`without ${source}`, { ...rule, allowed: rule.allowed.filter((other) => other !== source) }];
      for (const source of rule.others) yield [`allows ${source}`, { ...rule, allowed: [...rule.allowed, source] }];
      break;
    case 'absent':
      break;
  }
}

/** Values that pods in the wild (and the generated ones) have and no check allows. */
const refusedSomewhere: readonly Value[] = ['Unconfined', 'Unmasked', 'NET_RAW', 'SYS_ADMIN', 'CAP_CHOWN', 'ALL', 'spc_t', 'system_u', 'system_r', 'kernel.msgmax', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_keepalive_time', 'net.ipv4.ip_local_reserved_ports', 'container_engine_t', '10.0.0.1', '', 8080, true, false];

function* wrongSets(allowed: readonly Value[]): Generator<[string, readonly Value[]]> {
  const type = typeof allowed[0];
  for (const value of allowed.length > 1 ? allowed : []) yield [`without ${JSON.stringify(value)}`, allowed.filter((other) => other !== value)];
  // Wider by all at once: each alone would be a mutant of a value that means nothing to most checks.
  yield ['wider', [...allowed, ...refusedSomewhere.filter((value) => typeof value === type && !allowed.includes(value))]];
}

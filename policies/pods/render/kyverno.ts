/**
 * The table as Kyverno ValidatingPolicies (policies.kyverno.io/v1), one per check, so that an exception can name what it
 * waives. They report and scan what runs already; enforcing is the ValidatingAdmissionPolicy's part. Kyverno rewrites
 * `object.spec` and `object.metadata` for controllers (autogen), but leaves `object.metadata.namespace`.
 */
import type { Check, CheckId } from '../check.ts';
import { annotationsExpression, checkExpression, checkMessage, containersExpression } from '../cel.ts';
import type { ExceptionLiterals } from '../exception-cel.ts';
import { type Table, table as standard } from '../table.ts';

/** Controllers that Kyverno's autogen knows. */
const controllers = ['daemonsets', 'deployments', 'replicasets', 'statefulsets', 'jobs', 'cronjobs'];

/** Level and version of an object, as CEL over `object.metadata.namespace`. */
export interface KyvernoOptions {
  /** A text: `'restricted'`, or a choice by namespace. */
  readonly level: string;
  /** A number: `36`, or a choice by namespace. */
  readonly minor: string;
  readonly table?: Table;
}

/** "hostPorts" → "keelson-pods-hostports" */
export function kyvernoName(check: CheckId): string {
  return `keelson-pods-${check.toLowerCase().replaceAll('_', '-')}`;
}

export function kyvernoPolicies({ level, minor, table = standard }: KyvernoOptions): object[] {
  return table.map((check) => kyvernoPolicy(check, { level, minor, table }));
}

function kyvernoPolicy(check: Check, { level, minor, table }: Required<KyvernoOptions>): object {
  return {
    apiVersion: 'policies.kyverno.io/v1',
    kind: 'ValidatingPolicy',
    metadata: {
      name: kyvernoName(check.id),
      annotations: {
        'policies.kyverno.io/title': check.title,
        'policies.kyverno.io/category': `Pod Security Standards (${check.level})`,
        'policies.kyverno.io/description': check.why,
      },
    },
    spec: {
      validationActions: ['Audit'],
      failurePolicy: 'Ignore',
      evaluation: { admission: { enabled: true }, background: { enabled: true } },
      autogen: { podControllers: { controllers } },
      matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods'] }] },
      variables: [
        { name: 'level', expression: level },
        { name: 'minor', expression: minor },
        { name: 'containers', expression: containersExpression('object') },
        { name: 'annotations', expression: annotationsExpression('object') },
      ],
      validations: [{ expression: checkExpression(check, 'object', table), message: checkMessage(check) }],
    },
  };
}

/** What an exception needs beside its literals: they are CEL, these are YAML. */
export interface KyvernoExceptionOptions {
  readonly name: string;
  readonly namespace: string;
  readonly checks: readonly CheckId[];
  readonly expires?: string;
  /** reason, owner, ticket */
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * The exception for Kyverno: the same workload by exact namespace, kind, name and labels; its end is Kyverno's own field, and for what was created later the
 * creation time: scans and the command line do not look at the field.
 */
export function kyvernoException({ name, namespace, checks, expires, properties }: KyvernoExceptionOptions, literals: ExceptionLiterals): object {
  return {
    apiVersion: 'policies.kyverno.io/v1',
    kind: 'PolicyException',
    metadata: { name, namespace },
    spec: {
      policyRefs: checks.map((check) => ({ kind: 'ValidatingPolicy', name: kyvernoName(check) })),
      matchConditions: [{ name: 'workload', expression: matchExpression(literals) }],
      ...(expires === undefined ? {} : { expiresAt: expires }),
      properties,
    },
  };
}

/** As `coversExpression`, in one piece: an exception of Kyverno has no variables. */
export function matchExpression({ namespace, kind, name, labels, expires }: ExceptionLiterals): string {
  const owners = 'object.metadata.?ownerReferences.orValue([])';
  const hash = "object.metadata.?labels.orValue({})[?'pod-template-hash'].orValue('')";
  const owner = [
    `(o.kind == ${kind} && o.name == ${name})`,
    `(${kind} == 'Deployment' && o.kind == 'ReplicaSet' && o.name == ${name} + '-' + ${hash})`,
    `(${kind} == 'CronJob' && o.kind == 'Job' && o.name.startsWith(${name} + '-') && o.name.substring(${name}.size() + 1).matches('^[0-9]+$'))`,
  ].join(' || ');
  const template = "(object.kind == 'Pod' ? dyn(object) : (object.kind == 'CronJob' ? dyn(object).spec.jobTemplate.spec.template : dyn(object).spec.template))";
  return [
    `object.metadata.?namespace.orValue('') == ${namespace}`,
    `((object.kind == ${kind} && object.metadata.?name.orValue('') == ${name}) || ${owners}.exists(o, o.?controller.orValue(false) && (${owner})))`,
    `${labels}.all(k, ${template}.?metadata.?labels.orValue({})[?k].orValue('') == ${labels}[k])`,
    `(object.metadata.?creationTimestamp.orValue(null) == null || timestamp(object.metadata.creationTimestamp) < timestamp(${expires}))`,
  ].join(' && ');
}

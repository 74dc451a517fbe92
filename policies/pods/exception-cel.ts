/**
 * Exceptions as CEL. The parts of an exception come as CEL literals, so that the same text serves a list known now (JSON is
 * CEL) and a Helm template that fills it in later.
 */
import type { Exception } from './exception.ts';

/** Each part as a CEL literal, `labels` a map, `who` and `checks` lists. */
export type ExceptionLiterals = Readonly<Record<'namespace' | 'kind' | 'name' | 'labels' | 'who' | 'checks' | 'expires', string>>;

/** Exceptions that come with a component of ours have no end: their minimality is held by a test instead. */
export function literalsOf(exception: Omit<Exception, 'expires' | 'owner' | 'ticket' | 'reason'> & { readonly expires?: string }): ExceptionLiterals {
  const { namespace, kind, name, labels, who, checks, expires } = exception;
  return Object.fromEntries(Object.entries({ namespace, kind, name, labels, who, checks, expires: expires ?? endOfTime }).map(([key, value]) => [key, JSON.stringify(value)])) as ExceptionLiterals;
}
export const endOfTime = '9999-12-31T00:00:00Z';

/**
 * What an object is for exceptions: "Kind/name" of the controller that owns it, else its own. A pod of a ReplicaSet is also
 * its Deployment's (the ReplicaSet's name ends with the pod's own template hash), a pod of a Job its CronJob's (the Job's name ends
 * with the minute it was scheduled for).
 */
export const identityVariables: readonly { readonly name: string; readonly expression: string }[] = [
  { name: 'owners', expression: 'object.metadata.?ownerReferences.orValue([]).filter(o, o.?controller.orValue(false))' },
  { name: 'hash', expression: "'-' + object.metadata.?labels.orValue({})[?'pod-template-hash'].orValue('')" },
  {
    name: 'identities',
    expression: [
      "(variables.owners.size() > 0 ? [] : [object.kind + '/' + object.metadata.?name.orValue('')])",
      "variables.owners.map(o, o.kind + '/' + o.name)",
      "variables.owners.filter(o, o.kind == 'ReplicaSet' && variables.hash.size() > 1 && o.name.endsWith(variables.hash)).map(o, 'Deployment/' + o.name.substring(0, o.name.size() - variables.hash.size()))",
      "variables.owners.filter(o, o.kind == 'Job' && o.name.matches('-[0-9]+$')).map(o, 'CronJob/' + o.name.substring(0, o.name.lastIndexOf('-')))",
    ].join(' + '),
  },
];

/**
 * Whoever creates a pod may write any owner into it. The claim counts only from the controllers of the cluster, whose names
 * nobody else has, or from someone whom the exception names.
 */
export const controllerVariable = {
  name: 'isController',
  expression: "request.userInfo.username == 'system:kube-controller-manager' || request.userInfo.username.matches('^system:serviceaccount:kube-system:[a-z-]+-controller$')",
};

/** The object is the exception's, and was created before its end. CEL has no clock: it is compared with the creation. */
export function coversExpression(e: ExceptionLiterals, labels: string): string {
  return [
    `object.metadata.?namespace.orValue('') == ${e.namespace}`,
    `${e.kind} + '/' + ${e.name} in variables.identities`,
    `${e.labels}.all(k, ${labels}[?k].orValue('') == ${e.labels}[k])`,
    `timestamp(object.metadata.creationTimestamp) < timestamp(${e.expires})`,
  ].join(' && ');
}

/** Whoever asks may use the exception. */
export function trustedExpression(e: ExceptionLiterals): string {
  const named = `(request.userInfo.username in ${e.who} || request.userInfo.?groups.orValue([]).exists(g, g in ${e.who}))`;
  return `(variables.owners.size() > 0 ? variables.isController || ${named} : ${e.who}.size() == 0 || ${named})`;
}

/** All that a list of exceptions waives for this object: what `admissionPolicy` takes. */
export function waivedByAll(exceptions: readonly Parameters<typeof literalsOf>[0][]): string {
  return exceptions.map((exception) => waivedExpression(literalsOf(exception))).join(' + ') || '[]';
}

/** The checks that the exception waives for this object, as a list: empty where it is not meant. */
export function waivedExpression(e: ExceptionLiterals): string {
  return `(${coversExpression(e, 'variables.labels')} && ${trustedExpression(e)} ? ${e.checks} : [])`;
}

/**
 * Templates of the part "pods". The objects come from policies/pods with Helm expressions in the places where values go:
 * the renderers take CEL literals and names as text, and do not care who writes it.
 */
import type { Level } from '../../policies/pods/check.ts';
import { coversExpression, endOfTime, type ExceptionLiterals, trustedExpression } from '../../policies/pods/exception-cel.ts';
import { actionsOf, admissionPolicy, parameters, podBinding, workloadBinding } from '../../policies/pods/render/admission-policy.ts';
import { exceptionGuard } from '../../policies/pods/render/guard.ts';
import { kyvernoException, kyvernoPolicies } from '../../policies/pods/render/kyverno.ts';
import { components } from '../../policies/pods/components.ts';
import { newestMinor } from '../../policies/pods/version.ts';
import { manifestText } from '../render/manifest-text.ts';

export function podsTemplates(): Record<string, string> {
  return {
    'templates/pods/_exceptions.tpl': exceptionsHelper(),
    'templates/pods/policy.yaml': when('.Values.pods.enabled', [document(admissionPolicy({ waived: hole('include "keelson.pods.waived" .') }))]),
    'templates/pods/bindings.yaml': bindings(),
    'templates/pods/guard.yaml': when('and .Values.pods.enabled .Values.pods.exceptionGuard.enabled', exceptionGuard(hole('toJson .Values.pods.exceptionGuard.namespaces')).map(document)),
    'templates/pods/kyverno.yaml': kyverno(),
  };
}

/** A place for a Helm expression inside a text of an object. */
const hole = (expression: string): string => `⟦${expression}⟧`;
/** A place for a whole value (a list, a mapping): its text is YAML, not a YAML string. */
const wholeHole = (expression: string): string => `⟦whole ${expression}⟧`;

/**
 * An object as template text. Holes inside a text become Helm expressions; the text around them is double-quoted YAML, so
 * what is filled in is escaped the same way.
 */
function document(object: object): string {
  const labelled = { ...object, metadata: { ...(object as { metadata: object }).metadata, labels: wholeHole('include "keelson.policies.labels" $ | fromYaml | toJson') } };
  return manifestText(quoted(labelled) as object)
    .replaceAll(/"?⟦whole ([^⟧]*)⟧"?/g, (_, expression: string) => `{{ ${expression.replaceAll('\\"', '"')} }}`)
    .replaceAll(/["']?⟦text ([^⟧]*)⟧["']?/g, (_, encoded: string) => Buffer.from(encoded, 'base64').toString())
    .replaceAll('{{ "{{" }}', '{{');
}

/** Texts with holes become `{{ printf … | toJson }}`, encoded until YAML is written so that it does not quote them. */
function quoted(value: unknown): unknown {
  if (typeof value === 'string' && value.includes('⟦') && !value.startsWith('⟦whole ')) {
    const expressions = [...value.matchAll(/⟦([^⟧]*)⟧/g)].map((match) => `(${match[1] ?? ''})`);
    const format = value.replaceAll('%', '%%').replaceAll(/⟦[^⟧]*⟧/g, '%s');
    return `⟦text ${Buffer.from(`{{ printf ${JSON.stringify(format)} ${expressions.join(' ')} | toJson }}`).toString('base64')}⟧`;
  }
  if (Array.isArray(value)) return value.map(quoted);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, quoted(inner)]));
  return value;
}

const when = (condition: string, documents: readonly string[]): string => `{{- if ${condition} }}\n${documents.map((text) => `---\n${text}`).join('')}{{- end }}\n`;

/** Of the exception `$e`, as CEL literals. */
const literals: ExceptionLiterals = {
  namespace: hole('toJson $e.namespace'), kind: hole('toJson $e.kind'), name: hole('toJson $e.name'), labels: hole('toJson ($e.labels | default dict)'),
  who: hole('toJson ($e.who | default list)'), checks: hole('toJson $e.checks'), expires: hole(`toJson ($e.expires | default "${endOfTime}")`),
};

/** Every exception that counts: those of our own components, which have no end, and those of the values, none of them over. */
function exceptionsHelper(): string {
  const inTemplate = (text: string): string => text.replaceAll(/⟦([^⟧]*)⟧/g, '{{ $1 }}');
  const own = components.filter(({ isOurs }) => isOurs).flatMap(({ waivers }) => waivers);
  return `{{- define "keelson.pods.components" -}}
${JSON.stringify(own)}
{{- end -}}

{{- define "keelson.pods.exceptions" -}}
{{- range .Values.pods.exceptions -}}
{{- if le (toDate "2006-01-02T15:04:05Z07:00" .expires | unixEpoch | int64) (now | unixEpoch | int64) -}}
{{- fail (printf "pods.exceptions: %s %s/%s expired at %s: remove it, or renew it with its owner %s" .kind .namespace .name .expires .owner) -}}
{{- end -}}
{{- end -}}
{{- concat (include "keelson.pods.components" . | fromJsonArray) .Values.pods.exceptions | toJson -}}
{{- end -}}

{{- define "keelson.pods.waived" -}}
{{- range $i, $e := include "keelson.pods.exceptions" . | fromJsonArray -}}
{{- if $i }} + {{ end }}(${inTemplate(`${coversExpression(literals, 'variables.labels')} && ${trustedExpression(literals)} ? ${literals.checks} : []`)})
{{- else -}}
[]
{{- end -}}
{{- end -}}
`;
}

/** Per class that is not off: its parameters, the binding of pods, the binding of controllers. */
function bindings(): string {
  const one = { name: hole('$name'), namespace: hole('$.Release.Namespace'), level: hole('$class.level') as Level, version: hole('$class.version'), namespaces: { in: [] }, actions: [] };
  const selector = (text: string): string => text.replaceAll(/namespaceSelector:\n( +)matchExpressions:\n(?:\1 .*\n|\1  .*\n)+/g, (_, indent: string) => `namespaceSelector:\n${indent}{{- toYaml $selector | nindent ${indent.length} }}\n`);
  const actions = (text: string): string => text.replace(/validationActions: \[\]/, 'validationActions: {{ toJson $actions }}');
  return `{{- if .Values.pods.enabled }}
{{- $known := concat .Values.pods.systemNamespaces .Values.pods.observabilityNamespaces }}
{{- range $name, $class := .Values.pods.classes }}
{{- $mode := ternary $.Values.pods.mode $class.mode (eq $class.mode "follow") }}
{{- $namespaces := ternary $.Values.pods.systemNamespaces (ternary $.Values.pods.observabilityNamespaces $known (eq $name "observability")) (eq $name "system") }}
{{- $actions := ternary (list ${actionsOf.deny.map((action) => JSON.stringify(action)).join(' ')}) (list ${actionsOf.audit.map((action) => JSON.stringify(action)).join(' ')}) (eq $mode "deny") }}
{{- $selector := dict "matchExpressions" (list (dict "key" "kubernetes.io/metadata.name" "operator" (ternary "NotIn" "In" (eq $name "tenant")) "values" $namespaces)) }}
{{- if and (ne $mode "off") (or $namespaces (eq $name "tenant")) }}
---
${document(parameters(one))}---
${actions(selector(document(podBinding(one))))}---
${selector(document(workloadBinding(one)))}{{- end }}
{{- end }}
{{- end }}
`;
}

function kyverno(): string {
  const minor = (name: string): string => hole(`ternary "${newestMinor}" (trimPrefix "v1." .Values.pods.classes.${name}.version) (eq .Values.pods.classes.${name}.version "latest")`);
  const level = (name: string): string => `'${hole(`ternary "privileged" .Values.pods.classes.${name}.level (eq .Values.pods.classes.${name}.mode "off")`)}'`;
  const byClass = (part: (name: string) => string): string => {
    const isIn = (list: string): string => `object.metadata.namespace in ${hole(`toJson .Values.pods.${list}`)}`;
    return `${isIn('systemNamespaces')} ? ${part('system')} : (${isIn('observabilityNamespaces')} ? ${part('observability')} : ${part('tenant')})`;
  };
  const policies = kyvernoPolicies({ level: byClass(level), minor: byClass(minor) }).map(document);
  const exception = document(
    kyvernoException(
      { name: hole('printf "keelson-%s-%s-%s" $e.namespace (lower $e.kind) $e.name'), namespace: hole('$.Release.Namespace'), checks: [], expires: wholeHole(`toJson ($e.expires | default "${endOfTime}")`), properties: { reason: hole('$e.reason'), owner: hole('$e.owner | default "keelson"'), ticket: hole('$e.ticket | default "charts/policies"') } },
      literals,
    ),
  ).replace('policyRefs: []', 'policyRefs:\n    {{- range $e.checks }}\n    - kind: ValidatingPolicy\n      name: keelson-pods-{{ lower . | replace "_" "-" }}\n    {{- end }}');
  return `{{- if and .Values.pods.enabled .Values.pods.kyverno.enabled }}
${policies.map((text) => `---\n${text}`).join('')}{{- range $e := include "keelson.pods.exceptions" . | fromJsonArray }}
---
${exception}{{- end }}
{{- end }}
`;
}

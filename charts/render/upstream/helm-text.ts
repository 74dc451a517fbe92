/**
 * Objects → template text. An object carries Helm expressions as placeholders, because YAML writers would quote
 * braces; everything else that looks like a template (Cluster API's descriptions do) is escaped.
 */
import { stringify } from 'yaml';

export type Manifest = { apiVersion: string; kind: string; metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> }; [field: string]: unknown };

/** `{{ expression }}` as a scalar or a part of one. */
export const expression = (text: string): string => `⟦${text}⟧`;
/** A value written as YAML below its key, `indent` blanks in. */
export const block = (text: string, indent: number): string => `⟦yaml ${indent} ${text}⟧`;
/** More items of the list this stands in; nothing when the value is empty. */
export const items = (text: string, indent: number): string => `⟦items ${indent} ${text}⟧`;

export const releaseNamespace = expression('.Release.Namespace');

/** One template with the manifests as documents, around a condition if one is given. */
export function helmText(manifests: readonly Manifest[], condition?: string): string {
  const documents = manifests.map((manifest) => stringify(manifest, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }));
  const text = documents
    .join('---\n')
    .replaceAll('{{', '{{ "{{" }}')
    .replace(/: "?⟦yaml (\d+) ([^⟧]+)⟧"?$/gm, ':\n{{ toYaml $2 | indent $1 }}')
    .replace(/^ *- "?⟦items (\d+) ([^⟧]+)⟧"?$/gm, '{{- with $2 }}\n{{ toYaml . | indent $1 }}\n{{- end }}')
    .replace(/⟦([^⟧]+)⟧/g, '{{ $1 }}');
  return condition ? `{{- if ${condition} }}\n${text}{{- end }}\n` : text;
}

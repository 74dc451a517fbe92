/** One manifest as the text of a Helm template: plain YAML in which nothing is taken for a template. */
import { stringify } from 'yaml';

export function manifestText(manifest: object): string {
  return stringify(manifest, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }).replaceAll('{{', '{{ "{{" }}');
}

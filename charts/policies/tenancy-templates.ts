/** Templates of the part "tenancy": what the sources have as data is written into them. */
import { clusterRolesOf } from '../../policies/tenancy/cluster-roles.ts';
import { classNames, namespaceClasses } from '../../policies/tenancy/namespace-class.ts';
import { namespaceObjects } from '../../policies/tenancy/namespace-objects.ts';
import { priorityClasses } from '../../policies/tenancy/priority-classes.ts';
import { roleNames } from '../../policies/tenancy/roles.ts';
import { manifestText } from '../render/manifest-text.ts';

const rendered = 'Rendered by npm run render from policies/tenancy; edits are overwritten.';

export function tenancyTemplates(): Record<string, string> {
  return {
    'templates/tenancy/priority-classes.yaml': when('.Values.tenancy.priorityClasses', priorityClasses().map(manifestText)),
    'templates/tenancy/roles.yaml': when('.Values.tenancy.roles', roleNames.flatMap((name) => clusterRolesOf(name, 'workload')).map(manifestText)),
    'templates/tenancy/_classes.tpl': `{{/* ${rendered} */}}\n${classNames.map(classTemplate).join('')}`,
  };
}

const when = (condition: string, documents: readonly string[]): string => `{{- if ${condition} }}\n${documents.map((text) => `---\n${text}`).join('')}{{- end }}\n`;

/** The specs of a class's objects as JSON, which is YAML too: `{{ include "keelson.policies.class.tenant" . | fromJson }}` */
function classTemplate(name: (typeof classNames)[number]): string {
  const specs = Object.fromEntries(namespaceObjects({ namespace: 'any', class: name }).map(({ kind, metadata, ...rest }) => [`${kind}/${metadata.name}`, rest['spec']]));
  const text = JSON.stringify({ description: namespaceClasses[name].description, specs });
  return `{{- define "keelson.policies.class.${name}" -}}\n${text}\n{{- end -}}\n`;
}

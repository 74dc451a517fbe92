/** What this chart shares with the sources: the CRD of App, names and ports, network policies, the admission policy for immutable fields. */
import { appDefinition } from '../../provisioner/api/app.ts';
import { annotations } from '../../provisioner/api/labels.ts';
import { operatorName, ports, systemNamespace, topologyExtensionName, topologyExtensionSecret } from '../../provisioner/api/names.ts';
import { immutableFieldsPolicy } from '../../provisioner/topology/admission/immutable-fields.ts';
import { manifestText } from '../render/manifest-text.ts';
import { chartNetworkPolicies } from '../render/network-policies.ts';

export function derived(): Record<string, string> {
  const crd = appDefinition();
  return {
    'templates/crds/apps.keelson.dev.yaml': `{{- if .Values.crds.enabled }}\n${manifestText({ ...crd, metadata: { ...crd.metadata, annotations: { 'helm.sh/resource-policy': 'keep' } } })}{{- end }}\n`,
    'templates/immutable-fields.yaml': immutableFieldsPolicy().map(manifestText).join('---\n'),
    'templates/network-policies.yaml': chartNetworkPolicies({
      cluster: 'management',
      components: { 'keelson-operator': true, 'keelson-topology-extension': true },
      labels: 'include "keelson.labels" (list . "network") | fromYaml',
    }),
    'templates/_names.tpl': namesTemplate({
      systemNamespace,
      operator: operatorName,
      topologyExtension: topologyExtensionName,
      topologyExtensionSecret,
      servingCertAnnotation: annotations.servingCertSecret,
      metricsPort: ports.metrics,
      healthPort: ports.health,
      topologyExtensionPort: ports.topologyExtension,
    }),
  };
}

/** `{{ include "keelson.names.<key>" . }}` for each. */
function namesTemplate(names: Readonly<Record<string, string | number>>): string {
  const defines = Object.entries(names).map(([key, value]) => `{{- define "keelson.names.${key}" -}}${value}{{- end -}}\n`);
  return `{{/* Rendered by npm run render from provisioner/api/names.ts; edits are overwritten. */}}\n${defines.join('')}`;
}

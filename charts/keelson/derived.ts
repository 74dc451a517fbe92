/** What this chart shares with the sources: CRDs, the bundle of this release, roles of organizations, admission policies, names and ports, network policies. */
import { stringify } from 'yaml';
import { clusterRolesOf } from '../../policies/tenancy/cluster-roles.ts';
import { roleNames } from '../../policies/tenancy/roles.ts';
import { accessPolicies } from '../../provisioner/api/access-admission.ts';
import { accessBindingDefinition } from '../../provisioner/api/access-binding.ts';
import { accessClusterRoles } from '../../provisioner/api/access-roles.ts';
import { appDefinition } from '../../provisioner/api/app.ts';
import { catalogDefinition } from '../../provisioner/api/catalog.ts';
import { clusterAccessDefinition } from '../../provisioner/api/cluster-access.ts';
import { clusterBundleDefinition, immutableBundlesPolicy } from '../../provisioner/api/cluster-bundle.ts';
import type { CustomResourceDefinition } from '../../provisioner/api/crd.ts';
import { deletionPolicy } from '../../provisioner/api/deletion-policy.ts';
import { annotations } from '../../provisioner/api/labels.ts';
import { appServiceAccount, operatorName, ports, systemNamespace, topologyExtensionName, topologyExtensionSecret } from '../../provisioner/api/names.ts';
import { organizationDefinition } from '../../provisioner/api/organization.ts';
import { maintenanceWindowDefinition } from '../../provisioner/api/maintenance-window.ts';
import { silenceDefinition } from '../../provisioner/api/silence.ts';
import { silencePolicy } from '../../provisioner/api/silence-admission.ts';
import { immutableFieldsPolicy } from '../../provisioner/topology/admission/immutable-fields.ts';
import { organizationDefaultsPolicy } from '../../provisioner/topology/admission/organization-defaults.ts';
import { onlyDoorPolicies } from '../../provisioner/topology/admission/only-door.ts';
import { organizationObjectPolicies } from '../../provisioner/topology/admission/organization-objects.ts';
import { organizationWebhooks } from '../../provisioner/topology/admission/organization-webhooks.ts';
import { provisionVerb } from '../../provisioner/topology/admission/policy.ts';
import { manifestText } from '../render/manifest-text.ts';
import { chartNetworkPolicies } from '../render/network-policies.ts';
import { bundlePage } from './bundle/page.ts';
import { releaseBundle } from './bundle/release-bundle.ts';

export function derived(): Record<string, string> {
  const bundle = releaseBundle();
  return {
    ...Object.fromEntries([appDefinition(), catalogDefinition(), clusterBundleDefinition(), organizationDefinition(), clusterAccessDefinition(), accessBindingDefinition(), silenceDefinition(), maintenanceWindowDefinition()].map((crd) => [`templates/crds/${crd.metadata.name}.yaml`, crdTemplate(crd)])),
    'templates/access-policies.yaml': accessPolicies().map(manifestText).join('---\n'),
    'templates/access-roles.yaml': accessClusterRoles().map(manifestText).join('---\n'),
    'templates/organization-roles.yaml': roleNames.flatMap((name) => clusterRolesOf(name, 'organization')).map(manifestText).join('---\n'),
    'templates/immutable-bundles.yaml': immutableBundlesPolicy().map(manifestText).join('---\n'),
    [`files/bundles/${bundle.metadata.name}.yaml`]: stringify(bundle, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }),
    'templates/immutable-fields.yaml': immutableFieldsPolicy().map(manifestText).join('---\n'),
    'templates/prevent-deletion.yaml': deletionPolicy().map(manifestText).join('---\n'),
    'templates/silence-policy.yaml': silencePolicy().map(manifestText).join('---\n'),
    'templates/organization-admission.yaml': [...organizationDefaultsPolicy(), ...onlyDoorPolicies(), ...organizationObjectPolicies(), organizationWebhooks()].map(manifestText).join('---\n'),
    'templates/network-policies.yaml': chartNetworkPolicies({
      cluster: 'management',
      components: { 'keelson-operator': true, 'keelson-topology-extension': true },
      labels: 'include "keelson.labels" (list . "network") | fromYaml',
    }),
    'templates/_names.tpl': namesTemplate({
      systemNamespace,
      operator: operatorName,
      appServiceAccount,
      topologyExtension: topologyExtensionName,
      topologyExtensionSecret,
      servingCertAnnotation: annotations.servingCertSecret,
      metricsPort: ports.metrics,
      healthPort: ports.health,
      topologyExtensionPort: ports.topologyExtension,
      provisionVerb,
    }),
  };
}

export const pages = (): Record<string, string> => ({ 'bundle.md': bundlePage(releaseBundle()) });

/** An uninstall keeps the definition: with it all objects of the kind would go. */
function crdTemplate(crd: CustomResourceDefinition): string {
  return `{{- if .Values.crds.enabled }}\n${manifestText({ ...crd, metadata: { ...crd.metadata, annotations: { 'helm.sh/resource-policy': 'keep' } } })}{{- end }}\n`;
}

/** `{{ include "keelson.names.<key>" . }}` for each. */
function namesTemplate(names: Readonly<Record<string, string | number>>): string {
  const defines = Object.entries(names).map(([key, value]) => `{{- define "keelson.names.${key}" -}}${value}{{- end -}}\n`);
  return `{{/* Rendered by npm run render from provisioner/api/names.ts; edits are overwritten. */}}\n${defines.join('')}`;
}

/** Every template of the chart that follows from upstream. */
import { join } from 'node:path';
import type { RenderContext } from '../render/chart-module.ts';
import { imageCrd, providerCrds } from './upstream/custom-resource-definitions.ts';
import { helmText, type Manifest } from '../render/upstream/helm-text.ts';
import { providerManager } from './upstream/manager.ts';
import { moduleFolder } from '../render/upstream/modules.ts';
import { providers } from './upstream/providers.ts';
import { chartNetworkPolicies } from '../render/network-policies.ts';
import { providerRoles } from './upstream/roles.ts';
import { providerWebhooks } from './upstream/webhooks.ts';

/** One file per CRD, and one per provider for each of roles, manager and webhooks; the network policies of all. @throws Error when a module cannot be had */
export async function derived({ env }: RenderContext): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const addCrds = (crds: readonly Manifest[]): void => {
    for (const crd of crds) files[`templates/crds/${crd.metadata.name}.yaml`] = helmText([crd], '.Values.crds.enabled');
  };
  for (const provider of providers) {
    const folder = join(await moduleFolder(provider.module, env), provider.folder);
    const name = `templates/${provider.label}`;
    addCrds(await providerCrds(provider, folder));
    files[`${name}/roles.yaml`] = helmText(await providerRoles(provider, folder));
    files[`${name}/manager.yaml`] = helmText([await providerManager(provider, folder)]);
    files[`${name}/webhooks.yaml`] = helmText(await providerWebhooks(provider, folder));
  }
  addCrds(await imageCrd(await moduleFolder('github.com/k-orc/openstack-resource-controller/v2', env)));
  files['templates/network-policies.yaml'] = chartNetworkPolicies({
    cluster: 'management',
    components: Object.fromEntries(providers.map(({ label }) => [`capi-${label}`, true])),
    labels: 'dict "app.kubernetes.io/managed-by" .Release.Service',
  });
  return files;
}

/** Network policies of contracts as templates: one chart's own components, or the whole set. What values decide stands in the policies as placeholders. */
import { catalogue, type Catalogue } from '../../policies/network/contracts/catalogue.ts';
import { componentNamed } from '../../policies/network/flows.ts';
import { generate, type GenerateOptions } from '../../policies/network/generate/bundle.ts';
import type { Policy } from '../../policies/network/generate/policy.ts';
import { block, expression, helmText, type Manifest, releaseNamespace } from './upstream/helm-text.ts';

export interface ChartPolicies {
  readonly cluster: 'workload' | 'management';
  /** Component of the catalogue → condition of the template that has its pods; true: always. */
  readonly components: Readonly<Record<string, string | true>>;
  /** Labels of the objects, as a mapping. */
  readonly labels: string;
}

/**
 * Policies of a chart's own components, in the release's namespace, under `.Values.networkPolicy` (see fragments.ts):
 * alone they are whole, beside charts/policies they add nothing.
 */
export function chartNetworkPolicies({ cluster, components, labels }: ChartPolicies): string {
  const contracts = inRelease(catalogue({ cluster }), Object.keys(components));
  return (['cilium', 'kubernetes'] as const).map((kind) => {
    const { policies } = generate(contracts, { kind, hosts: 'off', prefix: '' });
    const documents = Object.entries(components).map(([component, condition]) => {
      const mine = policies.filter(({ metadata }) => metadata.name === component);
      if (mine.length !== 1) throw new Error(`no policy of component ${component}: it is on the host network, or has no contract`);
      return helmText(mine.map((policy) => labelled(policy, labels)), condition === true ? undefined : condition);
    });
    return `{{- if and .Values.networkPolicy.enabled (eq .Values.networkPolicy.kind "${kind}") }}\n${documents.join('---\n')}{{- end }}\n`;
  }).join('');
}

/** The release's namespace for the chart's components and their neighbours, the scrapers' for Prometheus where it is none of them; what is in kube-system is there in every cluster. */
function inRelease(whole: Catalogue, own: readonly string[]): Catalogue {
  const home = componentNamed(whole, own[0] ?? '', 'a chart').pods.namespace;
  const contracts = whole.contracts.map((contract) => {
    if (own.includes(contract.component)) return { ...contract, pods: { ...contract.pods, namespace: releaseNamespace } };
    if (contract.component === 'prometheus') return { ...contract, pods: { ...contract.pods, namespace: expression('.Values.networkPolicy.scraperNamespace | default .Release.Namespace') } };
    return contract.pods.namespace === home && home !== 'kube-system' ? { ...contract, pods: { ...contract.pods, namespace: releaseNamespace } } : contract;
  });
  return { ...whole, contracts };
}

/** The policies of a cluster, each with the condition that values put on it. */
export function generatedPolicies(contracts: Catalogue, options: GenerateOptions, labels: string): readonly Manifest[] {
  return generate(contracts, options).policies.map((policy) => labelled(policy, labels));
}

function labelled(policy: Policy, labels: string): Manifest {
  return { ...policy, metadata: { ...policy.metadata, labels: block(`(${labels})`, 4) as unknown as Record<string, string> } };
}

/**
 * toServices: Cilium replaces it by the services' pod selectors, or by the addresses of their endpoints where they have no
 * selector (processRule of pkg/policy/k8s/service.go). Ports stay what they are: those of the pods.
 */
import type { Service } from '../model.ts';
import { parseAddress } from './addresses.ts';
import { clusterLabel, equals, matchesAll, podNamespace, requirementsOf, type LabelSelector } from './labels.ts';
import type { Peer } from './peers.ts';
import type { Problems } from './problems.ts';

export interface ServiceReference {
  readonly k8sService?: { readonly serviceName?: string | undefined; readonly namespace?: string | undefined } | undefined;
  readonly k8sServiceSelector?: { readonly selector: LabelSelector; readonly namespace?: string | undefined } | undefined;
}

interface ServiceContext {
  readonly clusterName: string;
  readonly services: readonly Service[];
}

export function servicePeers(references: readonly ServiceReference[], { services, clusterName }: ServiceContext, path: string, problems: Problems): { endpoints: Peer[]; cidrs: Peer[] } {
  const endpoints: Peer[] = [];
  const cidrs: Peer[] = [];
  for (const [i, reference] of references.entries()) {
    const selected = services.filter((service) => isSelected(service, reference));
    if (selected.length === 0) problems.add('inert', `${path}.toServices[${i}]`, 'no service of the world matches: Cilium then drops the restriction, so that an entry with toPorts is open to every peer');
    for (const service of selected) {
      if (Object.keys(service.selector ?? {}).length > 0) {
        const labels = Object.entries(service.selector ?? {}).filter(([key]) => key !== podNamespace);
        endpoints.push({ kind: 'labels', requirements: [...labels.map(([key, value]) => equals('k8s', key, value)), equals('k8s', podNamespace, service.namespace), ...clusterOf(labels, clusterName)] });
        continue;
      }
      for (const text of service.endpointAddresses ?? []) {
        const address = parseAddress(text);
        if (address) cidrs.push({ kind: 'cidr', prefix: { ...address, length: address.family === 4 ? 32 : 128 }, except: [] });
      }
    }
  }
  return { endpoints, cidrs };
}

/** A selector goes before a name; a reference without namespace means all of them. */
function isSelected(service: Service, { k8sServiceSelector: bySelector, k8sService: byName }: ServiceReference): boolean {
  if (bySelector) {
    const labels = new Map(Object.entries(service.labels ?? {}).map(([key, value]) => [key, { source: 'any', value }]));
    const requirements = requirementsOf(bySelector.selector, 'any').map((r) => ({ ...r, source: 'any' }));
    return isIn(service, bySelector.namespace) && matchesAll(requirements, labels);
  }
  return byName !== undefined && isIn(service, byName.namespace) && byName.serviceName === service.name;
}

function isIn(service: Service, namespace: string | undefined): boolean {
  return namespace === undefined || namespace === '' || namespace === service.namespace;
}

function clusterOf(labels: readonly (readonly [string, string])[], clusterName: string) {
  return labels.some(([key]) => key === clusterLabel) ? [] : [equals('k8s', clusterLabel, clusterName)];
}

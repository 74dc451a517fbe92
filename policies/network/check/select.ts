/** A catalogue of what a cluster really has: components whose pods are among the manifests, and what every cluster has anyway. */
import type { Contract } from '../contract.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import type { World } from '../model.ts';
import { podsOf } from './questions.ts';

export function installed(catalogue: Catalogue, world: World): Catalogue {
  const isThere = (contract: Contract): boolean => contract.pods.hostNetwork === true || contract.listens['dns'] !== undefined || podsOf(contract, world).length > 0;
  return only(catalogue, catalogue.contracts.filter(isThere).map(({ component }) => component));
}

/** Calls to components that are left out are left out with them. */
export function only(catalogue: Catalogue, components: readonly string[]): Catalogue {
  const contracts = catalogue.contracts.filter(({ component }) => components.includes(component)).map((contract) => ({
    ...contract,
    calls: contract.calls.filter(({ to }) => to.kind !== 'component' || components.includes(to.component)),
  }));
  return { ...catalogue, contracts, managedNamespaces: [...new Set(contracts.map(({ pods }) => pods.namespace))].sort() };
}

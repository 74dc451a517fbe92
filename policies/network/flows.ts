/** The flows of a catalogue, each once: what the generator opens and what the checks demand. */
import { NetworkError } from './errors.ts';
import type { Call, Contract, Need, Port, Purpose, Service } from './contract.ts';
import type { Catalogue } from './contracts/catalogue.ts';
import type { OutsideName } from './contracts/site.ts';

/** One end of a flow. */
export type Party =
  | { readonly kind: 'component'; readonly contract: Contract }
  | { readonly kind: 'apiServer' }
  | { readonly kind: 'nodes' }
  | { readonly kind: 'health' }
  | { readonly kind: 'anyPod' }
  | { readonly kind: 'cidrs'; readonly cidrs: readonly string[]; /** Its name in the site. */ readonly service?: string }
  /** DNS names, and the addresses for policies that know no names. */
  | { readonly kind: 'names'; readonly names: readonly string[]; readonly cidrs: readonly string[]; readonly service: string };

export interface ContractFlow {
  readonly from: Party;
  readonly to: Party;
  readonly ports: readonly Port[];
  readonly need: Need;
  readonly reason: string;
}

/** @throws {NetworkError} NETWORK_BAD_CONTRACT for a component, a listener or a service outside that nobody describes */
export function flowsOf(catalogue: Catalogue): readonly ContractFlow[] {
  return catalogue.contracts.flatMap((contract) => [
    ...contract.serves.map((service) => served(contract, service)),
    ...contract.calls.flatMap((call) => called(catalogue, contract, call)),
  ]);
}

function served(contract: Contract, { from, listener, reason, need = 'required' }: Service): ContractFlow {
  return { from, to: { kind: 'component', contract }, ports: portsOf(contract, listener), need, reason };
}

function called(catalogue: Catalogue, contract: Contract, { to, reason, need = 'required' }: Call): readonly ContractFlow[] {
  const flow = (party: Party, ports: readonly Port[]): ContractFlow => ({ from: { kind: 'component', contract }, to: party, ports, need, reason });
  switch (to.kind) {
    case 'component': {
      const other = componentNamed(catalogue, to.component, contract.component);
      return [flow({ kind: 'component', contract: other }, portsOf(other, to.listener))];
    }
    case 'self':
      return [flow({ kind: 'component', contract }, portsOf(contract, to.listener))];
    case 'every':
      return catalogue.contracts
        .map((other) => ({ other, ports: portsFor(other, to.purpose) }))
        .filter(({ ports }) => ports.length > 0)
        .map(({ other, ports }) => flow({ kind: 'component', contract: other }, ports));
    case 'outside': {
      const service = catalogue.site.outside[to.service as OutsideName] as (typeof catalogue.site.outside)[OutsideName] | undefined;
      if (!service) throw new NetworkError('NETWORK_BAD_CONTRACT', `${contract.component} calls ${to.service}, which the site does not describe; it has ${Object.keys(catalogue.site.outside).join(', ')}`);
      const { names = [], cidrs, ports } = service;
      return [flow(names.length > 0 ? { kind: 'names', names, cidrs, service: to.service } : { kind: 'cidrs', cidrs, service: to.service }, ports)];
    }
  }
}

const portsFor = (contract: Contract, purpose: Purpose): readonly Port[] => Object.values(contract.listens).flatMap((listener) => (listener.purpose === purpose ? listener.ports : []));

/** @throws {NetworkError} NETWORK_BAD_CONTRACT for a component, a listener or a service outside that nobody describes */
export function componentNamed({ contracts }: Pick<Catalogue, 'contracts'>, name: string, asker: string): Contract {
  const found = contracts.find(({ component }) => component === name);
  if (!found) throw new NetworkError('NETWORK_BAD_CONTRACT', `${asker} names the component ${name}, which has no contract; there are ${contracts.map(({ component }) => component).join(', ')}`);
  return found;
}

/** @throws {NetworkError} NETWORK_BAD_CONTRACT for a component, a listener or a service outside that nobody describes */
export function portsOf(contract: Contract, listener: string): readonly Port[] {
  const found = contract.listens[listener];
  if (!found) throw new NetworkError('NETWORK_BAD_CONTRACT', `${contract.component} has no listener ${listener}; it has ${Object.keys(contract.listens).join(', ') || 'none'}`);
  return found.ports;
}

/** "8080/TCP", "30000-32767/TCP", "ICMP 8". */
export function portText(port: Port): string {
  if (port.protocol === 'ICMP') return `ICMP ${port.icmpType}`;
  return `${port.endPort === undefined ? port.port : `${port.port}-${port.endPort}`}/${port.protocol}`;
}

/** "metrics-server", "the API server", "169.254.169.254/32". */
export function partyText(party: Party): string {
  switch (party.kind) {
    case 'component': return party.contract.component;
    case 'apiServer': return 'the API server';
    case 'nodes': return 'nodes';
    case 'health': return "Cilium's health endpoints";
    case 'anyPod': return 'any pod';
    case 'cidrs': return party.service ?? party.cidrs.join(', ');
    case 'names': return party.service;
  }
}

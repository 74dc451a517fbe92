/** Contracts against the workloads they are about: host network, declared ports, probes. A contract that drifts from its chart proves nothing. */
import type { Finding } from '../../findings/finding.ts';
import type { Contract } from '../contract.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import { portText } from '../flows.ts';
import { objectOf } from '../world/manifest.ts';
import type { ReadWorld } from '../world/read-world.ts';

type Workload = ReadWorld['workloads'][number];

export function contractDrift(catalogue: Catalogue, { workloads }: ReadWorld): readonly Finding[] {
  return catalogue.contracts.flatMap((contract) => workloads.filter((one) => isOf(contract, one)).flatMap((one) => drift(contract, one)));
}

function isOf({ pods }: Contract, { workload }: Workload): boolean {
  return workload.namespace === pods.namespace && Object.entries(pods.labels).every(([key, value]) => workload.labels[key] === value);
}

function drift(contract: Contract, { workload, manifest }: Workload): readonly Finding[] {
  const finding = (path: string, message: string, fix: string): Finding => ({
    rule: 'network/contract-differs', severity: 'error', object: objectOf(manifest), path, source: manifest.origin, message: `${message} (contract ${contract.component})`, fix,
  });
  const listeners = Object.values(contract.listens);
  const covers = (protocol: string, port: number): boolean => listeners.some(({ ports }) => ports.some((one) => one.protocol !== 'ICMP' && one.protocol === protocol && one.port <= port && port <= (one.endPort ?? one.port)));
  const isProbed = (port: number): boolean => listeners.some((one) => one.isProbed && one.ports.some((known) => known.protocol !== 'ICMP' && known.port === port));
  if (workload.hostNetwork !== (contract.pods.hostNetwork ?? false)) {
    return [finding('spec.template.spec.hostNetwork', `hostNetwork is ${workload.hostNetwork} here and ${contract.pods.hostNetwork ?? false} in the contract`, 'correct the contract: policies for the host network are others')];
  }
  return [
    ...workload.ports.filter(({ protocol, port }) => !covers(protocol, port)).map(({ protocol, port, name }) => finding('spec.template.spec.containers', `listens on ${portText({ protocol: protocol === 'SCTP' ? 'TCP' : protocol, port })}${name === undefined ? '' : ` (${name})`}, which the contract does not know`, 'add the listener to the contract')),
    ...workload.probes.filter(({ port }) => !isProbed(port)).map(({ port, path }) => finding(path, `is probed on ${port}, which the contract does not say`, 'mark the listener isProbed in the contract')),
  ];
}

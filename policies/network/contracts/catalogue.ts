/** Every contract, for a site. */
import type { Contract, Prohibition } from '../contract.ts';
import * as admission from './admission.ts';
import * as cilium from './cilium.ts';
import { coreDns } from './dns.ts';
import * as exporters from './exporters.ts';
import * as monitoring from './monitoring.ts';
import * as nodes from './nodes.ts';
import * as platform from './platform.ts';
import { prohibitions } from './prohibitions.ts';
import { defaultSite, type Site } from './site.ts';

export interface Catalogue {
  readonly site: Site;
  readonly contracts: readonly Contract[];
  readonly prohibitions: readonly Prohibition[];
  /** Namespaces whose pods are described by contracts, all of them, sorted. */
  readonly managedNamespaces: readonly string[];
}

const everywhere = [
  nodes.kubeApiServer, nodes.etcd, nodes.kubelet, nodes.controlPlaneMetrics, nodes.nodeExporter, nodes.cloudControllerManager, nodes.cinderCsiController, nodes.snapshotController,
  cilium.ciliumAgent, cilium.ciliumOperator, cilium.hubbleRelay, cilium.hubbleUi,
  coreDns,
  exporters.certExporterFiles, exporters.certExporterCluster, exporters.netExporter, exporters.kubeStateMetrics, exporters.metricsServer, exporters.prometheusAdapter,
  monitoring.prometheusOperator, monitoring.prometheus,
  admission.kyvernoAdmission, admission.kyvernoCleanup, admission.kyvernoBackground, admission.kyvernoReports,
  admission.certManagerWebhook, admission.certManagerController, admission.certManagerCaInjector,
] as const;
const only = {
  workload: [monitoring.federation],
  management: [monitoring.alertmanager, platform.operator, platform.topologyExtension, platform.capiCore, platform.capiBootstrap, platform.capiControlPlane, platform.capiOpenStack],
} as const;

/** @param site what differs from the defaults */
export function catalogue(site: Partial<Site> = {}): Catalogue {
  const whole: Site = { ...defaultSite, ...site };
  const contracts = [...everywhere, ...only[whole.cluster]].map((contract) => contract(whole));
  return catalogueOf(contracts, prohibitions(whole), whole);
}

/** A catalogue of other contracts than ours. */
export function catalogueOf(contracts: readonly Contract[], forbidden: readonly Prohibition[] = [], site: Site = defaultSite): Catalogue {
  return { site, contracts, prohibitions: forbidden, managedNamespaces: [...new Set(contracts.map(({ pods }) => pods.namespace))].sort() };
}

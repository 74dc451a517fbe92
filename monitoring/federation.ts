/**
 * The contract between a workload cluster's Prometheus and the management one: which series cross, how many, and who
 * says which cluster they are from. The workload side offers a Service behind its API server that answers only this
 * query; the management side scrapes it with an identity that may do only that, and overwrites what the cluster says
 * about itself.
 */

/** The only query the federation proxy answers. */
export const federationSelector = '{__name__=~"keelson:.*"}';

/** The same for series names, as relabelling matches them (anchored). */
export const federatedNames = 'keelson:.*';

/**
 * The one series of the family that no rule records: the proxy adds it to every answer, 0 where its Prometheus gave none,
 * with the reason. So a scrape that fails means the path, and this one at 0 means the Prometheus behind it.
 */
export const prometheusUp = 'keelson:prometheus_up:bool';

/** Job of the scrapes on the management side. */
export const federationJob = 'keelson-federation';

/** The workload cluster's Service, and the account that may `get` its proxy subresource. */
export const federationService = { name: 'keelson-federation', port: 'http', reader: 'keelson-federation-reader' } as const;

/** ScrapeConfigs with this label, in the namespace of the management Prometheus, are the ones it takes. */
export const federationLabel = { name: 'keelson.dev/federation', value: 'true' } as const;

/**
 * Who a series is from. The management side sets those it knows and drops the others, so that no cluster can speak for
 * another one.
 */
export const identityLabels = ['cluster_id', 'cluster_type', 'installation', 'provider', 'region', 'customer', 'organization', 'environment', 'pipeline', 'service_priority'] as const;
export type Identity = { readonly [label in (typeof identityLabels)[number]]?: string | undefined } & { readonly cluster_id: string };

/** Beyond these a scrape fails as a whole and `up` is 0: a cluster that sends more is broken or hostile. */
export const federationLimits = { samples: 5000, labels: 30, labelNameLength: 64, labelValueLength: 1024, bodyBytes: 8 * 1024 * 1024 } as const;

/** What prometheus-operator takes modulo the number of shards; by default the address of a target. */
export const shardKey = '__tmp_hash';

/** A key of a Secret in the namespace of the ScrapeConfig. */
export interface SecretKey {
  readonly name: string;
  readonly key: string;
}

export interface FederationTarget {
  /** Name of the Cluster. */
  readonly cluster: string;
  /** Name of the ScrapeConfig; default `<cluster>-federation`. */
  readonly name?: string;
  /**
   * Namespace of the ScrapeConfig and of its Secrets: that of the management Prometheus. Whoever may write ScrapeConfigs
   * that it takes can speak for any cluster, so it takes none from elsewhere.
   */
  readonly namespace: string;
  /** host:port of the workload cluster's API server. */
  readonly endpoint: string;
  /** Namespace of the federation proxy in the workload cluster; default keelson-system. */
  readonly proxyNamespace?: string;
  /** Bearer token of the reader. */
  readonly tokenSecret: SecretKey;
  /** CA of the API server. */
  readonly caSecret: SecretKey;
  /** Name in the API server's certificate, where it is not the host of `endpoint`. */
  readonly serverName?: string;
  readonly identity: Identity;
  /** Prometheus duration; the Prometheus's own interval when absent. */
  readonly interval?: string;
  /** More labels of the ScrapeConfig object. */
  readonly labels?: Readonly<{ [label: string]: string }>;
}

/** Path on the API server that ends at the federation proxy. */
export function federationPath(namespace = 'keelson-system'): string {
  return `/api/v1/namespaces/${namespace}/services/${federationService.name}:${federationService.port}/proxy/federate`;
}

/** A ScrapeConfig (monitoring.coreos.com/v1alpha1) of the management cluster, only the fields we own. */
export function federationScrapeConfig(target: FederationTarget): FederationScrapeConfig {
  const { cluster, namespace, endpoint, proxyNamespace, tokenSecret, caSecret, serverName, identity, interval, labels } = target;
  return {
    apiVersion: 'monitoring.coreos.com/v1alpha1',
    kind: 'ScrapeConfig',
    metadata: { name: target.name ?? `${cluster}-federation`, namespace, labels: { ...labels, [federationLabel.name]: federationLabel.value, 'cluster.x-k8s.io/cluster-name': cluster } },
    spec: {
      jobName: federationJob,
      staticConfigs: [{ targets: [endpoint], labels: known(identity) }],
      scheme: 'HTTPS',
      metricsPath: federationPath(proxyNamespace),
      params: { 'match[]': [federationSelector] },
      authorization: { type: 'Bearer', credentials: tokenSecret },
      tlsConfig: { ca: { secret: caSecret }, ...(serverName === undefined ? {} : { serverName }) },
      ...(interval === undefined ? {} : { scrapeInterval: interval }),
      // Where there are several shards, the cluster decides which one scrapes it, so that all that is known of it is in one place.
      relabelings: [{ sourceLabels: ['cluster_id'], targetLabel: shardKey, action: 'replace' }],
      honorLabels: false,
      // The time of the scrape counts: a cluster whose clock is wrong cannot write into the past or the future.
      honorTimestamps: false,
      sampleLimit: federationLimits.samples,
      labelLimit: federationLimits.labels,
      labelNameLengthLimit: federationLimits.labelNameLength,
      labelValueLengthLimit: federationLimits.labelValueLength,
      metricRelabelings: relabelings(identity),
    },
  };
}

export interface FederationScrapeConfig {
  readonly apiVersion: 'monitoring.coreos.com/v1alpha1';
  readonly kind: 'ScrapeConfig';
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels: Readonly<{ [label: string]: string }> };
  readonly spec: Readonly<{ [field: string]: unknown }>;
}

/**
 * Drops what is not of the family, and every identity label that did not come from us: one that we set has pushed the
 * cluster's own aside to `exported_<label>`; one that we do not set would pass.
 */
function relabelings(identity: Identity): readonly object[] {
  const unset = identityLabels.filter((label) => !identity[label]);
  const foreign = ['prometheus', 'prometheus_replica', ...unset, `(exported_)+(${[...identityLabels, 'job', 'instance'].join('|')})`];
  return [
    { sourceLabels: ['__name__'], regex: federatedNames, action: 'keep' },
    { regex: foreign.join('|'), action: 'labeldrop' },
  ];
}

function known(identity: Identity): { [label: string]: string } {
  return Object.fromEntries(identityLabels.flatMap((label) => (identity[label] ? [[label, identity[label]]] : [])));
}

import { federationPath, federationScrapeConfig, identityLabels, type FederationTarget } from '../../monitoring/federation.ts';

const target: FederationTarget = {
  cluster: 'demo', namespace: 'org-demo', endpoint: '198.51.100.20:6443',
  tokenSecret: { name: 'demo-federation', key: 'token' }, caSecret: { name: 'demo-federation', key: 'ca.crt' },
  identity: { cluster_id: 'demo', organization: 'demo', customer: '' },
};
const spec = federationScrapeConfig(target).spec as { metricRelabelings: { regex: string; action: string }[]; staticConfigs: unknown; [field: string]: unknown };

/** As Prometheus relabels: keep by name, then drop labels; regular expressions are anchored. */
function relabel(series: { __name__: string; [label: string]: string }): { [label: string]: string } | undefined {
  const [keep, drop] = spec.metricRelabelings;
  if (!new RegExp(`^(?:${keep!.regex})$`).test(series.__name__)) return undefined;
  return Object.fromEntries(Object.entries(series).filter(([label]) => !new RegExp(`^(?:${drop!.regex})$`).test(label)));
}

describe('federationScrapeConfig', () => {
  test('asks the API server for exactly the family, with the reader\'s token and the cluster\'s CA', () => {
    expect(spec).toMatchObject({
      scheme: 'HTTPS', params: { 'match[]': ['{__name__=~"keelson:.*"}'] }, honorLabels: false,
      metricsPath: '/api/v1/namespaces/keelson-system/services/keelson-federation:http/proxy/federate',
      staticConfigs: [{ targets: ['198.51.100.20:6443'], labels: { cluster_id: 'demo', organization: 'demo' } }],
      authorization: { type: 'Bearer', credentials: { name: 'demo-federation', key: 'token' } },
      tlsConfig: { ca: { secret: { name: 'demo-federation', key: 'ca.crt' } } },
    });
    expect(spec['sampleLimit']).toBeGreaterThan(0);
  });

  test('series outside of the family are dropped whatever the cluster sends', () => {
    for (const name of ['up', 'ALERTS', 'xkeelson:a:b', 'keelson']) expect(relabel({ __name__: name })).toBeUndefined();
    expect(relabel({ __name__: 'keelson:up:ratio', scrape_job: 'kubelet' })).toEqual({ __name__: 'keelson:up:ratio', scrape_job: 'kubelet' });
  });

  test('a cluster cannot say who it is, neither by our labels, nor by ones we left open, nor by pushed-aside ones', () => {
    const pushedAside = Object.fromEntries(identityLabels.map((label) => [`exported_${label}`, 'evil']));
    expect(relabel({ __name__: 'keelson:up:ratio', cluster_id: 'demo', customer: 'evil', region: 'evil', exported_exported_cluster_id: 'evil', exported_job: 'evil', ...pushedAside }))
      .toEqual({ __name__: 'keelson:up:ratio', cluster_id: 'demo' });
  });

  test('the object is found by the label the management Prometheus selects', () => {
    expect(federationScrapeConfig(target).metadata).toEqual({ name: 'demo-federation', namespace: 'org-demo', labels: { 'keelson.dev/federation': 'true', 'cluster.x-k8s.io/cluster-name': 'demo' } });
  });

  test('the namespace of the proxy is part of the path', () => expect(federationPath('x')).toBe('/api/v1/namespaces/x/services/keelson-federation:http/proxy/federate'));
});

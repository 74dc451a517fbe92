/** Network policies of our charts as Helm renders them, checked against their contracts with the workloads beside them. */
import { jest } from '@jest/globals';
import { check } from '../../policies/network/check/check.ts';
import { catalogue } from '../../policies/network/contracts/catalogue.ts';
import { generate } from '../../policies/network/generate/bundle.ts';
import { readManifest, type ReadManifest } from '../../policies/network/world/manifest.ts';
import { type Manifest, template } from '../fixtures/helm.ts';
import { describeWith } from '../fixtures/needs.ts';

const charts = {
  workload: [['cert-exporter', 'keelson-system'], ['net-exporter', 'keelson-system'], ['kube-state-metrics', 'keelson-system'], ['metrics-server', 'kube-system'], ['snapshot-controller', 'kube-system'], ['prometheus-operator', 'keelson-system'], ['workload-monitoring', 'keelson-system'], ['node-exporter', 'keelson-system']],
  management: [['keelson', 'keelson-system'], ['cluster-api', 'capi-system'], ['prometheus-operator', 'keelson-system'], ['monitoring', 'keelson-system']],
} as const;
type Cluster = keyof typeof charts;
const monitored = ['cert-exporter', 'net-exporter', 'kube-state-metrics', 'metrics-server', 'node-exporter', 'keelson'];
const withPolicies = (kind: string): string[] => ['--set', 'networkPolicy.enabled=true', '--set', `networkPolicy.kind=${kind}`];

const read = (chart: string, objects: readonly Manifest[]): readonly ReadManifest[] => objects.map((object) => readManifest(object, { file: chart }));
const render = async (chart: string, namespace: string, args: readonly string[] = []): Promise<readonly ReadManifest[]> =>
  read(chart, await template(chart, namespace, [...(monitored.includes(chart) ? ['--set', 'serviceMonitor.enabled=true'] : []), ...args]));
const isPolicy = ({ object: { kind } }: ReadManifest): boolean => kind.endsWith('NetworkPolicy');
const specs = (manifests: readonly { object?: Manifest | object; spec?: unknown }[]): unknown[] => manifests.map((one) => ('object' in one ? (one.object as unknown as { spec: unknown }).spec : one.spec));

describeWith({ tools: ['helm'] }, 'network policies of the charts', () => {
  jest.setTimeout(60_000);

  test.each([['workload'], ['management']] as const)('all charts of a %s cluster with charts/policies: every contract holds, no lint', async (cluster: Cluster) => {
    const workloads = (await Promise.all(charts[cluster].map(([chart, namespace]) => render(chart, namespace)))).flat();
    const policies = await render('policies', 'keelson-system', ['--set', 'network.enabled=true', '--set', `network.cluster=${cluster}`, '--set', 'network.hosts=enforce', '--set', 'network.tenants={org-a,org-b}']);
    const result = check([...workloads, ...policies], { catalogue: catalogue({ cluster }), tenants: ['org-a', 'org-b'] });
    expect(result.findings).toEqual([]);
    expect(result.policies).toBeGreaterThan(25);
  });

  test.each([['workload'], ['management']] as const)("charts of a %s cluster with their own policies: every contract of their components holds", async (cluster: Cluster) => {
    const own = charts[cluster].filter(([chart]) => chart !== 'node-exporter');
    const manifests = (await Promise.all(own.map(([chart, namespace]) => render(chart, namespace, withPolicies('cilium'))))).flat();
    const ignored = ['network/forbidden-flow-open'];
    expect(check(manifests, { catalogue: catalogue({ cluster }) }).findings.filter(({ rule }) => !ignored.includes(rule))).toEqual([]);
    expect(manifests.filter(isPolicy).length).toBeGreaterThanOrEqual(cluster === 'workload' ? 8 : 9);
  });

  test('charts/policies renders what the generator says, with the ports of its values', async () => {
    const rendered = (await render('policies', 'x', ['--set', 'network.enabled=true', '--set', 'network.ports.dns=1053', '--set', 'network.ports.keystone=443'])).filter(isPolicy);
    const site = catalogue().site;
    const { policies } = generate(catalogue({ dnsPort: 1053, outside: { ...site.outside, keystone: { ports: [{ protocol: 'TCP', port: 443 }], cidrs: ['0.0.0.0/0'] } } }), { hosts: 'audit' });
    const byName = (a: { object: Manifest }, b: { object: Manifest }): number => JSON.stringify([a.object.kind, a.object.metadata.namespace, a.object.metadata.name]).localeCompare(JSON.stringify([b.object.kind, b.object.metadata.namespace, b.object.metadata.name]));
    const generated = policies.map((object) => ({ object: object as unknown as Manifest }));
    expect(specs(rendered.map(({ object }) => ({ object: object as unknown as Manifest })).sort(byName))).toEqual(specs(generated.sort(byName)));
  });

  test('components can be left out, the fences cannot; off means nothing', async () => {
    const names = async (...args: string[]): Promise<string[]> => (await render('policies', 'x', args.flatMap((one) => ['--set', one]))).filter(isPolicy).map(({ object }) => object.metadata.name).sort();
    expect(await names('network.enabled=true', 'network.components={coredns}', 'network.hosts=off')).toEqual(['keelson-coredns', 'keelson-default-deny', 'keelson-deny-all-pods', 'keelson-deny-tenants']);
    expect(await names('network.enabled=false')).toEqual([]);
    await expect(names('network.enabled=true', 'network.components={moon}')).rejects.toThrow(/network.components/);
  });

  test.each(['cilium', 'kubernetes'])('in a namespace of its own a chart lets the scrapers of another in (%s)', async (kind) => {
    const rendered = (await render('kube-state-metrics', 'observed', [...withPolicies(kind), '--set', 'networkPolicy.scraperNamespace=watchers'])).filter(isPolicy);
    expect(rendered).toHaveLength(1);
    expect(rendered[0]!.object.metadata.namespace).toBe('observed');
    expect(JSON.stringify(rendered[0]!.object['spec'])).toContain(kind === 'cilium' ? '"k8s:io.kubernetes.pod.namespace":"watchers"' : '"kubernetes.io/metadata.name":"watchers"');
  });
});

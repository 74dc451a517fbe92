import { load } from 'js-yaml';
import { schema as certSchema } from '../../exporters/cert/config.ts';
import { schema } from '../../exporters/net/config.ts';
import { template, type Manifest } from '../fixtures/helm.ts';
import { describeWith } from '../fixtures/needs.ts';

interface Container { command?: string[]; args: string[]; env: { name: string }[]; image: string; ports: { name: string; containerPort: number; protocol?: string }[]; volumeMounts: { mountPath: string; readOnly: boolean }[]; readinessProbe: { httpGet: object } }
interface PodSpec { automountServiceAccountToken: boolean; hostNetwork?: boolean; initContainers?: unknown; containers: Container[]; volumes: { hostPath?: { path: string } }[] }

const values = (value: object): string[] => ['--set-json', Object.entries(value).map(([key, one]) => `${key}=${JSON.stringify(one)}`).join(',')];
const render = (value: object = {}): Promise<Manifest[]> => template('net-exporter', 'x', Object.keys(value).length ? values(value) : []);
const named = (manifests: readonly Manifest[], kind: string): string[] => manifests.filter((one) => one.kind === kind).map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
const one = (manifests: readonly Manifest[], kind: string, name = ''): Manifest => manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name.includes(name))!;
const podOf = (manifests: readonly Manifest[]): PodSpec => (one(manifests, 'DaemonSet')['spec'] as { template: { spec: PodSpec } }).template.spec;
const config = (manifests: readonly Manifest[], file = 'config.yaml'): unknown => load((one(manifests, 'ConfigMap')['data'] as Record<string, string>)[file]!);

const target = { name: 'api', type: 'tcp', host: 'keystone.example', port: 5000 };

describeWith({ tools: ['helm'] }, 'chart net-exporter', () => {
  test('the exporter reads the configuration that the chart writes: with its own defaults, and with what is set', async () => {
    const { tls: _, kubeconfig: __, ...defaults } = schema.parse({});
    expect(schema.parse(config(await render()))).toEqual(defaults);
    const set = { intervalSeconds: 30, mesh: { http: true, ownZonePeers: 3 }, dns: { names: ['a.example.'], nodeLocalAddress: '169.254.20.10' }, ntp: { servers: ['[fd00::1]:1123'] }, targets: [target], thresholds: { lossRatio: 0.1 }, tls: { secretName: 't' }, logLevel: 'debug' };
    expect(schema.parse(config(await render(set)))).toMatchObject({ ...set, tls: { certFile: '/etc/net-exporter-tls/tls.crt' }, targets: [{ ...target, timeoutSeconds: 5 }] });
  });

  test('one pod on every node, without an init container, anything of the node, or a right beyond EndpointSlices in two namespaces', async () => {
    const manifests = await render();
    const pod = podOf(manifests);
    expect([pod.initContainers, pod.hostNetwork, pod.volumes.filter(({ hostPath }) => hostPath)]).toEqual([undefined, undefined, []]);
    expect(pod.containers[0]!.env.map(({ name }) => name)).toEqual(['NODE_NAME', 'POD_NAMESPACE']);
    expect([named(manifests, 'Role'), named(manifests, 'ClusterRole')]).toEqual([['x/net-exporter', 'kube-system/net-exporter'], []]);
    for (const role of manifests.filter(({ kind }) => kind === 'Role')) expect(role['rules']).toEqual([{ apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] }]);
    expect(one(manifests, 'DaemonSet')['spec']).toMatchObject({ updateStrategy: { rollingUpdate: { maxUnavailable: '10%' } } });
  });

  test('who asks nothing of the API server has no rights and no token', async () => {
    const manifests = await render({ mesh: { enabled: false }, dns: { enabled: false } });
    expect([named(manifests, 'Role'), podOf(manifests).automountServiceAccountToken]).toEqual([[], false]);
    expect(named(await render({ dns: { pods: false } }), 'Role')).toEqual(['x/net-exporter']);
    expect(podOf(await render()).automountServiceAccountToken).toBe(true);
  });

  test('the Service has both ports by name, and the families that were asked for', async () => {
    const spec = one(await render({ ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'] }), 'Service')['spec'];
    expect(spec).toMatchObject({ ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'], ports: [{ name: 'metrics', port: 8000 }, { name: 'echo', port: 8001, protocol: 'UDP' }] });
    expect(one(await render(), 'Service')['spec']).not.toHaveProperty('clusterIP');
  });

  test('an image is named by digest where one is given', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(podOf(await render({ image: { digest } })).containers[0]!.image).toBe(`ghcr.io/keelson/net-exporter@${digest}`);
  });

  test('with certificates both exporters run in one process, in a DaemonSet of another name', async () => {
    const manifests = await render({ certificates: { enabled: true, directories: ['/a', '/b c'] }, serviceMonitor: { enabled: true }, networkPolicy: { enabled: true } });
    const pod = podOf(manifests);
    const [container] = pod.containers;
    expect(named(manifests, 'DaemonSet')).toEqual(['x/net-exporter-files']);
    expect([container!.command!.at(-1), ...container!.args]).toEqual(['/app/node-exporters.mjs', '--net-config=/etc/net-exporter/config.yaml', '--cert-config=/etc/net-exporter/certificates.yaml']);
    expect(container!.volumeMounts.filter(({ mountPath }) => !mountPath.startsWith('/etc')).map(({ mountPath, readOnly }) => [mountPath, readOnly])).toEqual([['/a', true], ['/b c', true]]);
    expect(pod.volumes.flatMap(({ hostPath }) => hostPath?.path ?? [])).toEqual(['/a', '/b c']);
    expect(certSchema.parse(config(manifests, 'certificates.yaml'))).toMatchObject({ address: ':9005', files: { enabled: true, directories: ['/a', '/b c'] }, secrets: { enabled: false } });
    expect((one(manifests, 'ServiceMonitor')['spec'] as { endpoints: { port: string }[] }).endpoints.map(({ port }) => port)).toEqual(['metrics', 'certificates']);
    expect(named(manifests, 'NetworkPolicy')).toEqual(expect.arrayContaining(['x/net-exporter', 'x/net-exporter-files']));
  });

  test('the ports of targets and servers are open outwards, and only they', async () => {
    const outside = async (value: object): Promise<unknown> => (one(await render({ networkPolicy: { enabled: true }, ...value }), 'NetworkPolicy', 'outside') as Manifest | undefined)?.['spec'];
    expect(await outside({})).toBeUndefined();
    expect(await outside({
      targets: [target, { name: 'b', type: 'http', url: 'https://[fd00::2]:8443/x' }, { name: 'c', type: 'http', url: 'http://c.example/' }, { name: 'd', type: 'dns', server: '10.0.0.1', query: 'x.' }],
      ntp: { servers: ['ntp.example', '10.0.0.1:1123'] },
    })).toMatchObject({ egress: [{ ports: [5000, 8443, 80].map((port) => ({ protocol: 'TCP', port })).concat([53, 123, 1123].map((port) => ({ protocol: 'UDP', port }))) }] });
  });

  test('with TLS, probes and scrapes use it', async () => {
    const manifests = await render({ tls: { secretName: 't' }, serviceMonitor: { enabled: true } });
    expect(podOf(manifests).containers[0]!.readinessProbe.httpGet).toMatchObject({ scheme: 'HTTPS' });
    expect((one(manifests, 'ServiceMonitor')['spec'] as { endpoints: object[] }).endpoints[0]).toMatchObject({ scheme: 'https', interval: '15s', tlsConfig: { serverName: 'net-exporter.x.svc' } });
  });

  test('alerts and boards come with it, each alert with the address of its runbook', async () => {
    const manifests = await render({ rules: { enabled: true, runbookBaseUrl: 'https://books' }, dashboard: { enabled: true } });
    const rules = (one(manifests, 'PrometheusRule')['spec'] as { groups: { rules: { alert?: string; annotations?: object }[] }[] }).groups.flatMap((group) => group.rules).filter(({ alert }) => alert);
    expect(rules.map(({ alert }) => alert)).toEqual(expect.arrayContaining(['NodeUnreachable', 'ZonePartitioned', 'ClockOff', 'NetworkNotWatched']));
    for (const { alert, annotations } of rules) expect(annotations).toMatchObject({ runbook_url: `https://books/${alert}.md`, board_url: expect.stringMatching(/^\/d\/net-exporter\?/) as string });
    const boards = one(manifests, 'ConfigMap', 'board')['data'] as Record<string, string>;
    expect(Object.values(boards).map((text) => (JSON.parse(text) as { uid: string }).uid)).toEqual(['keelson-network-cluster', 'net-exporter']);
  });

  test.each([
    ['an unknown key', { msh: {} }], ['an unknown key of a probe', { mesh: { peer: 1 } }], ['peers by hand', { mesh: { peers: [] } }], ['no peer', { mesh: { ownZonePeers: 0 } }],
    ['a target of no known type', { targets: [{ name: 'a', type: 'icmp' }] }], ['a target without a port', { targets: [{ name: 'a', type: 'tcp', host: 'a' }] }], ['a family that is none', { ipFamilies: ['IPv5'] }], ['a digest that is none', { image: { digest: 'latest' } }],
  ])('%s is refused', async (_, value) => {
    await expect(render(value)).rejects.toThrow(/values don't meet the specifications/);
  });

  test('another configuration restarts the pods, other alerts do not', async () => {
    const checksum = async (value: object): Promise<unknown> => (one(await render(value), 'DaemonSet')['spec'] as { template: { metadata: { annotations: object } } }).template.metadata.annotations;
    expect(await checksum({ rules: { enabled: true } })).toEqual(await checksum({}));
    expect(await checksum({ intervalSeconds: 30 })).not.toEqual(await checksum({}));
  });
});

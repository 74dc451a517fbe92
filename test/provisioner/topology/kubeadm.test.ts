import { noProxy } from '../../../provisioner/topology/kubeadm/os/proxy.ts';
import { variables } from '../../../provisioner/api/variables/index.ts';
import { inputsOf } from '../../../provisioner/topology/patches/inputs.ts';
import { type Argument, controlPlaneOf, everything, jsonOf, names, patched, request, workerOf } from './requests.ts';

const value = (list: readonly Argument[], name: string): string | undefined => list.find((argument) => argument.name === name)?.value;
const kubeletPatch = '/etc/kubernetes/patches/kubeletconfiguration0+merge.json';

test('the first control plane server, those that join, and workers get the same kubelet: every field of CIS 4.2', () => {
  const controlPlane = controlPlaneOf(request());
  for (const document of [controlPlane.initConfiguration, controlPlane.joinConfiguration, workerOf(request()).joinConfiguration]) expect(document['patches']).toEqual({ directory: '/etc/kubernetes/patches' });
  const expected = {
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' } }, authorization: { mode: 'Webhook' },
    readOnlyPort: 0, streamingConnectionIdleTimeout: '5m0s', protectKernelDefaults: true, rotateCertificates: true, tlsMinVersion: 'VersionTLS12', podPidsLimit: 4096, seccompDefault: true,
  };
  expect(jsonOf(controlPlane, kubeletPatch)).toMatchObject(expected);
  expect(jsonOf(workerOf(request()), kubeletPatch)).toEqual(jsonOf(controlPlane, kubeletPatch));
});

test('a worker gets nothing that belongs to a control plane', () => {
  const text = JSON.stringify(workerOf(request(everything)));
  for (const secret of ['encryption', 'audit-policy', 'authentication.json', 'admission.json', 'requests-inflight']) expect(text).not.toContain(secret);
});

test('the encryption key is named, never written', () => {
  expect(controlPlaneOf(request()).files.find(({ path }) => path.endsWith('encryption.json'))).toEqual({
    path: '/etc/kubernetes/keelson/encryption.json', contentFrom: { secret: { name: 'demo-encryption', key: 'encryption.json' } }, permissions: '0600', owner: 'root:root',
  });
  const without = controlPlaneOf(request({ ...names, api: { encryption: 'none' } }));
  expect(JSON.stringify(without)).not.toContain('encryption');
});

test('TLS 1.3 leaves no suites to choose, and etcd must not be told any', () => {
  const { apiServer, etcd } = controlPlaneOf(request({ ...names, api: { tls: { minVersion: '1.3' } } })).clusterConfiguration;
  expect([value(apiServer.extraArgs, 'tls-min-version'), value(apiServer.extraArgs, 'tls-cipher-suites')]).toEqual(['VersionTLS13', undefined]);
  expect([value(etcd.local.extraArgs, 'tls-min-version'), value(etcd.local.extraArgs, 'cipher-suites')]).toEqual(['TLS1.3', undefined]);
});

test.each([
  ['v1.34.1', 'MutatingAdmissionPolicy=true', undefined],
  ['v1.36.3', 'MutatingAdmissionPolicy=true', { KubeletSeparateDiskGC: false }],
])('feature gates of %s', (version, apiServer, kubelet) => {
  const controlPlane = controlPlaneOf(request(everything, { version }));
  expect(value(controlPlane.clusterConfiguration.apiServer.extraArgs, 'feature-gates')).toBe(apiServer);
  expect(jsonOf(controlPlane, kubeletPatch)['featureGates']).toEqual(kubelet);
});

test('while a cluster is upgraded, a worker group is described for its own version', () => {
  const from = request(everything, { version: 'v1.36.3' });
  const group = from.items.find(({ uid }) => uid === 'az1-config')!;
  const old = { ...group, variables: group.variables!.map((variable) => (variable.name === 'builtin' ? { name: 'builtin', value: { machineDeployment: { topologyName: 'az1', class: 'worker', version: 'v1.34.1' } } } : variable)) };
  expect(jsonOf(workerOf({ ...from, items: [old] }), kubeletPatch)['featureGates']).toBeUndefined();
});

test('a port of its own is bound by every API server', () => {
  const { initConfiguration, joinConfiguration } = controlPlaneOf(request(everything));
  expect(initConfiguration).toMatchObject({ localAPIEndpoint: { bindPort: 8443 } });
  expect(joinConfiguration).toMatchObject({ controlPlane: { localAPIEndpoint: { bindPort: 8443 } } });
  expect(controlPlaneOf(request()).initConfiguration).not.toHaveProperty('localAPIEndpoint');
});

test('volumes are formatted and mounted in the order in which Nova hands them out', () => {
  const controlPlane = controlPlaneOf(request(everything));
  expect(controlPlane['mounts']).toEqual([['LABEL=keelson-etcd', '/var/lib/etcd'], ['LABEL=keelson-1', '/var/log/kubernetes']]);
  expect(controlPlane['diskSetup']).toMatchObject({ filesystems: [{ device: '/dev/vdb', label: 'keelson-etcd' }, { device: '/dev/vdc', label: 'keelson-1' }] });
  expect(controlPlane.clusterConfiguration).toMatchObject({ etcd: { local: { dataDir: '/var/lib/etcd/data' } } });
  expect(workerOf(request(everything))['mounts']).toEqual([['LABEL=keelson-2', '/var/lib/containerd']]);
  expect(workerOf(request(everything))['diskSetup']).toMatchObject({ filesystems: [{ device: '/dev/vdc' }] });
});

test('labels and taints are those of the group', () => {
  const { nodeRegistration } = workerOf(request(everything)).joinConfiguration;
  expect(value(nodeRegistration.kubeletExtraArgs, 'node-labels')).toBe('node.kubernetes.io/pool=a');
  expect(nodeRegistration.taints).toEqual([{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }]);
  expect(controlPlaneOf(request()).joinConfiguration.nodeRegistration).not.toHaveProperty('taints');
  expect(controlPlaneOf(request({ controlPlane: { flavor: 'a', image: 'b', schedulable: true } })).joinConfiguration.nodeRegistration.taints).toEqual([]);
});

test('further taints of a control plane stand beside its own, which kubeadm gives only where it is told none', () => {
  const taints = [{ key: 'example.com/secure', value: 'yes', effect: 'NoExecute' as const }];
  const of = (schedulable: boolean) => controlPlaneOf(request({ controlPlane: { flavor: 'a', image: 'b', schedulable, taints } }));
  expect(of(false).joinConfiguration.nodeRegistration.taints).toEqual([{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }, ...taints]);
  expect(of(false).initConfiguration['nodeRegistration']).toMatchObject({ taints: of(false).joinConfiguration.nodeRegistration.taints });
  expect(of(true).joinConfiguration.nodeRegistration.taints).toEqual(taints);
  expect(workerOf(request({ controlPlane: { flavor: 'a', image: 'b', taints } })).joinConfiguration.nodeRegistration).not.toHaveProperty('taints');
});

test('chosen cipher suites reach every component', () => {
  const suite = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';
  const config = controlPlaneOf(request({ ...names, api: { tls: { cipherSuites: [suite] } } }));
  const { apiServer, controllerManager, scheduler, etcd } = config.clusterConfiguration as unknown as Record<string, { extraArgs: Argument[]; local: { extraArgs: Argument[] } }>;
  expect([apiServer, controllerManager, scheduler].map((component) => value(component!.extraArgs, 'tls-cipher-suites'))).toEqual([suite, suite, suite]);
  expect(value(etcd!.local.extraArgs, 'cipher-suites')).toBe(suite);
  expect(jsonOf(config, kubeletPatch)['tlsCipherSuites']).toEqual([suite]);
});

test('kube-proxy is left out only where Cilium takes its place', () => {
  expect(controlPlaneOf(request()).initConfiguration).not.toHaveProperty('skipPhases');
  expect(controlPlaneOf(request(everything)).initConfiguration).toMatchObject({ skipPhases: ['addon/kube-proxy'] });
});

test('machines are replaced before their certificates end', () => {
  expect(patched(request())['control-plane']).toMatchObject({ rollout: { before: { certificatesExpiryDays: 60 } } });
});

describe('the operating system', () => {
  const worker = workerOf(request(everything));
  const content = (path: string): string | undefined => worker.files.find((file) => file.path === path)?.content;

  test('mirrors are asked in order; credentials come from a Secret', () => {
    expect(content('/etc/containerd/certs.d/docker.io/hosts.toml')).toBe(`server = "https://registry-1.docker.io"

[host."https://mirror.example"]
  capabilities = ["pull", "resolve"]

[host."http://10.1.2.3:5000"]
  capabilities = ["pull", "resolve"]
`);
    expect(worker.files.find(({ path }) => path.includes('registry.example'))).toMatchObject({ contentFrom: { secret: { name: 'registry', key: 'hosts.toml' } }, permissions: '0600' });
  });

  test('the proxy never stands between a node and its own cluster', () => {
    expect(noProxy(inputsOf(request(everything), variables)())).toEqual(['localhost', '127.0.0.1', '::1', '169.254.169.254', '10.20.0.0/24', '10.120.0.0/16', '10.121.0.0/16', '.svc', '.cluster.local', '.example']);
    expect(content('/etc/systemd/system/containerd.service.d/10-keelson-proxy.conf')).toContain('Environment="HTTPS_PROXY=http://proxy.example:3128"');
  });

  test("the user's kernel settings win over the class's", () => {
    const lines = content('/etc/sysctl.d/90-keelson.conf')!.split('\n');
    expect(lines).toEqual(expect.arrayContaining(['net.core.somaxconn = 4096', 'kernel.sysrq = 176', 'vm.overcommit_memory = 1']));
    expect(lines.filter((line) => line.startsWith('kernel.sysrq'))).toHaveLength(1);
  });

  test('users, their keys, certificate authorities and time servers', () => {
    expect(worker['users']).toEqual([
      { name: 'ops', lockPassword: true, shell: '/bin/bash', sshAuthorizedKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK ops'], sudo: 'ALL=(ALL) NOPASSWD:ALL' },
      { name: 'audit', lockPassword: true, shell: '/bin/bash' },
    ]);
    expect(worker['ntp']).toEqual({ enabled: true, servers: ['ntp1.example', '192.0.2.123'] });
    expect(content('/etc/ssh/keelson-user-ca.pub')).toContain('ops-ca');
    expect(content('/usr/local/share/ca-certificates/keelson-1.crt')).toContain('BEGIN CERTIFICATE');
    expect(workerOf(request()).files.map(({ path }) => path)).toEqual(['/etc/sysctl.d/90-keelson.conf', kubeletPatch, '/etc/kubernetes/keelson/size-node.sh']);
  });
});

test('every file is readable by root alone, but for what others must read', () => {
  const open = [...controlPlaneOf(request(everything)).files, ...workerOf(request(everything)).files].filter(({ permissions }) => permissions.endsWith('4'));
  expect([...new Set(open.map(({ path }) => path))].sort()).toEqual(['/etc/ssh/keelson-user-ca.pub', '/etc/sysctl.d/90-keelson.conf', '/usr/local/share/ca-certificates/keelson-1.crt']);
});

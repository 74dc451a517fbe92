/** What differs for nodes that Ignition sets up. Of what the real Cluster API makes of it: choices.deep.test.ts. */
import { everything, names, controlPlaneOf, request, workerOf } from './requests.ts';

const os = { ...everything.os, format: 'ignition' as const };
const [controlPlane, worker] = [controlPlaneOf(request({ ...everything, os })), workerOf(request({ ...everything, os }))];
const files = (paths: readonly { readonly path: string }[]): string[] => paths.map(({ path }) => path);

test('format and drop-ins are said for control plane and workers alike', () => {
  for (const config of [controlPlane, worker]) {
    expect(config).toMatchObject({ format: 'ignition', ignition: { containerLinuxConfig: { strict: true } } });
    expect(unitsOf(config)['kubeadm.service']).toMatch(/Requires=containerd\.service coreos-metadata\.service[\s\S]*EnvironmentFile=\/run\/metadata\/flatcar/);
  }
});

test('kubeadm and containerd wait for the volumes they write on', () => {
  expect(unitsOf(controlPlane)['kubeadm.service']).toContain('RequiresMountsFor=/var/lib/etcd /var/log/kubernetes\n');
  expect(unitsOf(worker)['containerd.service']).toContain('RequiresMountsFor=/var/lib/containerd\n');
  expect(unitsOf(workerOf(request({ ...names, os: { format: 'ignition' } })))).not.toHaveProperty('containerd.service');
});

test('mounts name a label as Cluster API looks it up, and file systems no partition', () => {
  expect(controlPlane['mounts']).toEqual([['keelson-etcd', '/var/lib/etcd', 'defaults'], ['keelson-1', '/var/log/kubernetes', 'defaults']]);
  expect(JSON.stringify(controlPlane['diskSetup'])).not.toContain('partition');
});

test('nothing is written or changed below /usr, which is read-only', () => {
  expect(files(controlPlane.files).filter((path) => path.startsWith('/usr'))).toEqual([]);
  expect(files(controlPlane.files)).toContain('/etc/ssl/certs/keelson-1.pem');
  expect([...commandsOf(controlPlane), ...commandsOf(worker)].filter((command) => command.includes('/usr'))).toEqual([]);
});

test('time servers are those of timesyncd: Cluster API would start a second client', () => {
  expect(worker).not.toHaveProperty('ntp');
  expect(worker.files.find(({ path }) => path === '/etc/systemd/timesyncd.conf.d/10-keelson.conf')?.content).toBe('[Time]\nNTP=ntp1.example 192.0.2.123\n');
});

test("the first command puts the server's names in, before anything reads them", () => {
  expect(commandsOf(worker)[0]).toMatch(/^sed -i .*COREOS_OPENSTACK_HOSTNAME%%\.\*.*COREOS_OPENSTACK_INSTANCE_UUID.* \/etc\/kubeadm\.yml$/);
});

test('what is told kubeadm is the same with either', () => {
  const plain = controlPlaneOf(request(everything));
  for (const part of ['clusterConfiguration', 'initConfiguration', 'joinConfiguration'] as const) expect(controlPlane[part]).toEqual(plain[part]);
});

function unitsOf(config: object): Record<string, string> {
  const { ignition } = config as { ignition: { containerLinuxConfig: { additionalConfig: string } } };
  const { systemd } = JSON.parse(ignition.containerLinuxConfig.additionalConfig) as { systemd: { units: { name: string; dropins?: { contents: string }[] }[] } };
  return Object.fromEntries(systemd.units.map(({ name, dropins = [] }) => [name, dropins.map(({ contents }) => contents).join('')]));
}

function commandsOf(config: object): string[] {
  const { preKubeadmCommands, postKubeadmCommands } = config as { preKubeadmCommands: string[]; postKubeadmCommands: string[] };
  return [...preKubeadmCommands, ...postKubeadmCommands];
}

import { cpuFiles, meminfo } from '../../../sandbox/machines/flavor-files.ts';
import { kernelConfig, nodeImages } from '../../../sandbox/machines/node-images.ts';
import { networkBatch, seedFiles, type ServerSpec } from '../../../sandbox/machines/seed.ts';

const port = { id: 'p1', networkId: 'n1', mac: 'fa:16:3e:00:00:01', address: '10.10.0.5', prefixLength: 24, gateway: '10.10.0.1', dnsServers: [], mtu: 1450, hostRoutes: [] };
const server: ServerSpec = { id: '11111111-2222-3333-4444-555555555555', name: 'demo-cp', hostname: 'demo-cp', zone: 'az1', flavor: { name: 'k.small', vcpus: 2, ramMb: 4096, diskGb: 20 }, image: { id: 'i', name: 'keelson-node-v1.36.3' }, userData: '#cloud-config\n', ports: [port] };
const paths = { nodeImageDir: "/it's here", programsDir: '/programs', node: '/node', layersDir: '/layers', imagesDir: undefined, hasCgroups: true, tools: { 'tools/kubelet': '/tools/kubernetes' } };

describe('seed', () => {
  test('the first port with a gateway has the default route; host routes go out of their own port', () => {
    const second = { ...port, id: 'p2', address: '10.11.0.5', gateway: '10.11.0.1', hostRoutes: [{ destination: '10.99.0.0/16', nexthop: '10.11.0.9' }] };
    const { gateway: _, ...without } = port;
    expect(networkBatch({ ...server, ports: [without, second] })).toBe([
      'address add 10.10.0.5/24 dev eth0', 'link set dev eth0 up',
      'address add 10.11.0.5/24 dev eth1', 'link set dev eth1 up', 'route replace 10.99.0.0/16 via 10.11.0.9 dev eth1', 'route replace default via 10.11.0.1 dev eth1', '',
    ].join('\n'));
  });

  test('a subnet without name servers gives its gateway, as Neutron gives its DHCP port', () => {
    expect(seedFiles(server, nodeImages[0]!, paths)['resolv.conf']).toBe('nameserver 10.10.0.1\n');
    expect(seedFiles({ ...server, ports: [{ ...port, dnsServers: ['9.9.9.9'] }] }, nodeImages[0]!, paths)['resolv.conf']).toBe('nameserver 9.9.9.9\n');
  });

  test('paths survive the shell', () => {
    expect(seedFiles(server, nodeImages[0]!, paths)['boot.env']).toContain("NODE_IMAGE='/it'\\''s here'\n");
  });

  test('the flavor is what the kubelet reads', () => {
    expect(meminfo(server.flavor)).toMatch(/^MemTotal: +4194304 kB$/m);
    expect(meminfo(server.flavor)).toMatch(/^SwapTotal: +0 kB$/m);
    expect(cpuFiles(server.flavor)).toMatchObject({ online: '0-1\n', 'cpu1/topology/core_id': '1\n' });
    expect(cpuFiles({ ...server.flavor, vcpus: 1 })).toMatchObject({ online: '0\n' });
  });

  test('the kernel shows what kubeadm looks for', () => {
    for (const option of ['NAMESPACES', 'MEMCG', 'CGROUP_BPF', 'NETFILTER_XT_MATCH_COMMENT']) expect(kernelConfig).toContain(`CONFIG_${option}=y\n`);
  });
});

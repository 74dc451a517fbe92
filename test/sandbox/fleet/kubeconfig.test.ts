import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { serverOf, throughRelay } from '../../../sandbox/fleet/kubeconfig.ts';
import { managementUserData } from '../../../sandbox/fleet/management-user-data.ts';
import { placesOf } from '../../../sandbox/fleet/places.ts';

const kubeconfig = `
apiVersion: v1
kind: Config
clusters: [{name: demo, cluster: {server: 'https://198.51.100.30:6443', certificate-authority-data: Q0E=}}]
users: [{name: demo-admin, user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}}]
contexts: [{name: demo-admin@demo, context: {cluster: demo, user: demo-admin}}]
current-context: demo-admin@demo
`;

test('a kubeconfig through the relay keeps CA and identity and expects the name "kubernetes"', () => {
  const config = parse(throughRelay(kubeconfig, { cluster: 'demo', port: 16443 })) as Record<string, never>;
  expect(config).toMatchObject({
    clusters: [{ name: 'demo', cluster: { server: 'https://127.0.0.1:16443', 'certificate-authority-data': 'Q0E=', 'tls-server-name': 'kubernetes' } }],
    users: [{ user: { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' } }],
    'current-context': 'demo',
  });
});

test('the API server of a kubeconfig has the port of its URL, 443 without one', () => {
  expect(serverOf(kubeconfig)).toEqual({ address: '198.51.100.30', port: 6443 });
  expect(serverOf(kubeconfig.replace(':6443', ''))).toEqual({ address: '198.51.100.30', port: 443 });
});

test('text that is no kubeconfig is refused', () => {
  expect(() => throughRelay('clusters: []', { cluster: 'demo', port: 1 })).toThrow();
});

test('relative XDG folders are ignored', () => {
  const places = placesOf({ home: '/home/a', repository: '/r', cacheHome: 'cache', stateHome: '/var/state' });
  expect(places.tools).toBe('/home/a/.cache/keelson/tools/bin');
  expect(places.state).toBe('/var/state/keelson');
});

test('the user data of the management server runs kubeadm with its own networks', () => {
  const text = managementUserData({ name: 'management-1', address: '10.10.0.10', kubernetesVersion: 'v1.36.3', corednsTag: 'v1.15.0', podCidr: '10.100.0.0/16', serviceCidr: '10.101.0.0/16', certificateSans: ['127.0.0.1'] });
  expect(text.startsWith('#cloud-config\n')).toBe(true);
  const { write_files: [file], runcmd } = parse(text) as { write_files: { content: string }[]; runcmd: string[] };
  expect(runcmd[0]).toBe('kubeadm init --config /run/kubeadm/kubeadm.yaml');
  const [init, cluster] = file!.content.split('---\n').map((d) => parse(d) as Record<string, unknown>);
  expect(init).toMatchObject({ kind: 'InitConfiguration', localAPIEndpoint: { advertiseAddress: '10.10.0.10' } });
  expect(cluster).toMatchObject({ kind: 'ClusterConfiguration', networking: { podSubnet: '10.100.0.0/16' }, dns: { imageTag: 'v1.15.0' } });
});

import { stringify } from 'yaml';
import { kubeconfigProblem } from '../../../provisioner/operators/kubeconfig-problem.ts';

const config = (user: object, cluster: object = {}, more: object[] = []): string => stringify({
  clusters: [{ name: 'c', cluster: { server: 'https://x', 'certificate-authority-data': 'YQ==', ...cluster } }],
  users: [{ name: 'u', user }, ...more], contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }], 'current-context': 'x',
});

it('takes what holds all it needs', () => {
  expect(kubeconfigProblem(config({ token: 't' }))).toBeUndefined();
  expect(kubeconfigProblem(config({ 'client-certificate-data': 'YQ==', 'client-key-data': 'YQ==' }))).toBeUndefined();
});

it.each([
  ['exec', config({ exec: { command: '/bin/sh' } })],
  ['auth-provider', config({ 'auth-provider': { name: 'gcp' } })],
  ['tokenFile', config({ tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token' })],
  ['client-certificate', config({ 'client-certificate': 'a.crt' })],
  ['client-key', config({ 'client-key': 'a.key' })],
  ['as', config({ as: 'admin' })],
  ['certificate-authority', config({}, { 'certificate-authority': '/etc/passwd' })],
  ['proxy-url', config({}, { 'proxy-url': 'http://10.0.0.1' })],
  ['an entry that no context uses yet', config({ token: 't' }, {}, [{ name: 'other', user: { exec: {} } }])],
])('refuses %s', (field, text) => {
  const problem = kubeconfigProblem(text);
  expect(problem).toMatch(/is refused/);
  if (/^[a-z]/i.test(field) && !field.includes(' ')) expect(problem).toContain(field);
});

it('says of what cannot be read no more than that', () => {
  expect(kubeconfigProblem('users: [{user: {token: hunter22')).toBe('the kubeconfig is not valid YAML');
});

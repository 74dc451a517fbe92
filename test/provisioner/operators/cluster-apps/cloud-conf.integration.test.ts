/** The real cloud controller manager reads our cloud.conf: what it then tells Keystone is what clouds.yaml said. */
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Cloud } from '../../../../provisioner/openstack/index.ts';
import { cloudConf } from '../../../../provisioner/operators/cluster-apps/cloud-conf.ts';
import { kubeconfigFor } from '../../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../../fixtures/needs.ts';
import { tempFolder } from '../../helm/charts.ts';

const facts = { routerId: 'r', networkId: 'n', subnetId: 's', identity: { secret: 'cloud', cloudName: 'openstack' } };

interface Login {
  readonly auth: { readonly identity: Record<string, unknown>; readonly scope?: unknown };
}

describeWith({ tools: ['openstack-cloud-controller-manager'] }, 'cloud.conf, read by the real cloud controller manager', () => {
  let folder: string;
  let keystone: Server;
  const logins: Login[] = [];

  beforeAll(async () => {
    folder = await tempFolder();
    keystone = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        if (request.method === 'POST') logins.push(JSON.parse(body) as Login);
        response.writeHead(401).end();
      });
    });
    await new Promise<void>((resolve) => keystone.listen(0, '127.0.0.1', resolve));
    await writeFile(join(folder, 'kubeconfig'), kubeconfigFor('https://127.0.0.1:1', 'none', { token: 'x' }).replace(/certificate-authority-data: .*/, 'insecure-skip-tls-verify: true'));
  });

  afterAll(async () => {
    keystone.close();
    await rm(folder, { recursive: true });
  });

  /** It logs in before anything else, and ends when it is refused. */
  async function loginOf(auth: Omit<Cloud['auth'], 'auth_url'>): Promise<Login> {
    const cloud: Cloud = { auth: { auth_url: `http://127.0.0.1:${(keystone.address() as AddressInfo).port}/v3`, ...auth }, region_name: 'RegionOne' };
    await writeFile(join(folder, 'cloud.conf'), cloudConf(cloud, facts, { hasCa: false }));
    const args = ['--cloud-provider=openstack', `--cloud-config=${folder}/cloud.conf`, `--kubeconfig=${folder}/kubeconfig`, '--leader-elect=false', '--authentication-skip-lookup=true', '--secure-port=0'];
    logins.length = 0;
    const stderr = await new Promise<string>((resolve) => execFile(join(toolsBin, 'openstack-cloud-controller-manager'), args, { timeout: 30_000 }, (_error, _stdout, text) => resolve(text)));
    const [login] = logins;
    if (!login) throw new Error(`it did not log in: ${stderr.slice(-500)}`);
    return login;
  }

  it('logs in with the application credential, character for character', async () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab "\\;#=[]%$\'{}`\t\n~é🔑'), minLength: 1, maxLength: 24 });
    await fc.assert(fc.asyncProperty(text, async (secret) => {
      const { auth } = await loginOf({ application_credential_id: 'id1', application_credential_secret: secret });
      expect(auth.identity).toEqual({ methods: ['application_credential'], application_credential: { id: 'id1', secret } });
    }), { numRuns: 12 });
  }, 120_000);

  it('logs in with a password into the project of clouds.yaml', async () => {
    const { auth } = await loginOf({ username: 'u', password: 'p', user_domain_name: 'Default', project_name: 'team', project_domain_name: 'Default' });
    expect(auth.identity).toMatchObject({ password: { user: { name: 'u', password: 'p', domain: { name: 'Default' } } } });
    expect(auth.scope).toMatchObject({ project: { name: 'team', domain: { name: 'Default' } } });
  }, 60_000);
});

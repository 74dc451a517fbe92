/** Keycloak itself, with a realm as docs/access.md has it made and the values of examples/access/keycloak.yaml: logins by `keelson access token`, and an API server that takes the tokens. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { authentication } from '../../../../provisioner/api/variables/authentication.ts';
import { authenticationConfiguration } from '../../../../provisioner/topology/kubeadm/authentication.ts';
import { type ApiServer, startApiServer } from '../../../fixtures/api-server.ts';
import { fillIn } from '../../../fixtures/form-browser.ts';
import { type Keycloak, keycloakNeeds, startKeycloak } from '../../../fixtures/keycloak.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { expireTokens, logIn, whoIs } from './oidc-login.ts';

const repository = join(import.meta.dirname, '../../../..');
const password = 'password-of-a-test';

/** The realm has no client scope `groups`. */
const scopes = ['openid', 'email', 'offline_access'];

const client = (clientId: string, fullPath: boolean): object => ({
  clientId, publicClient: true, standardFlowEnabled: true, directAccessGrantsEnabled: false, redirectUris: ['http://127.0.0.1:18000/callback'], attributes: { 'oauth2.device.authorization.grant.enabled': 'true' },
  protocolMappers: [{ name: 'groups', protocol: 'openid-connect', protocolMapper: 'oidc-group-membership-mapper', config: { 'claim.name': 'groups', 'full.path': String(fullPath), 'id.token.claim': 'true', 'access.token.claim': 'false', 'userinfo.token.claim': 'false' } }],
});
const realm = {
  realm: 'fleet', enabled: true, clients: [client('keelson', false), client('with-paths', true)], groups: [{ name: 'authors', subGroups: [{ name: 'science-fiction' }] }],
  users: [{ username: 'kilgore', enabled: true, realmRoles: ['default-roles-fleet'], email: 'kilgore@kilgore.trout', emailVerified: true, firstName: 'Kilgore', lastName: 'Trout', credentials: [{ type: 'password', value: password, temporary: false }], groups: ['/authors', '/authors/science-fiction'] }],
};

describeWith({ ...keycloakNeeds, tools: ['etcd', 'kube-apiserver'] }, 'the guide for Keycloak', () => {
  let folder: string;
  let keycloak: Keycloak;
  let api: ApiServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-keycloak-home-'));
    keycloak = await startKeycloak(realm);
    await writeFile(join(folder, 'ca.crt'), keycloak.ca);
    api = await startApiServer({ flags: [`--authentication-config=${await configuration(['keelson', 'with-paths'])}`] });
  }, 600_000);
  afterAll(async () => {
    await keycloak?.stop();
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  /** The documented values; only where Keycloak is, and whose tokens, is of this test. */
  async function configuration(audiences: readonly string[]): Promise<string> {
    const [issuer] = (parse(await readFile(join(repository, 'examples/access/keycloak.yaml'), 'utf8')) as { issuers: object[] }).issuers;
    const { issuers } = authentication.parse({ issuers: [{ ...issuer, audiences, url: keycloak.issuerUrl, certificateAuthority: keycloak.ca }] });
    const file = join(folder, `authentication-${audiences[0]}.yaml`);
    await writeFile(file, JSON.stringify(authenticationConfiguration(issuers)));
    return file;
  }

  const atTheKeys = (page: string, code: string | undefined): Promise<string> => fillIn(page, { ca: keycloak.ca, typed: { username: 'kilgore', password, ...(code === undefined ? {} : { device_user_code: code }) } });
  const token = (o: { opens?: boolean; device?: boolean; clientId?: string } = {}) =>
    logIn({ issuerUrl: keycloak.issuerUrl, folder, scopes, clientId: o.clientId ?? 'keelson', device: o.device ?? false, log: keycloak.log, ...(o.opens === false ? {} : { open: atTheKeys }) });
  const kilgore = { username: 'oidc:kilgore', groups: ['oidc:authors', 'oidc:science-fiction', 'system:authenticated'] };

  it('logs somebody in by a browser; the API server knows the name and the groups by their prefix', async () => {
    expect(sorted(await whoIs(api, (await token()).out))).toMatchObject(kilgore);
  }, 120_000);

  it('renews the token by the refresh token, without a person', async () => {
    await expireTokens(folder);
    const said = await token({ opens: false });
    expect(said.err).toBe('');
    expect(sorted(await whoIs(api, said.out))).toMatchObject(kilgore);
  }, 120_000);

  it('logs somebody in who has the browser on another machine', async () => {
    await rm(join(folder, '.cache'), { recursive: true });
    expect(sorted(await whoIs(api, (await token({ device: true })).out))).toMatchObject(kilgore);
  }, 120_000);

  it('has groups with their paths where the mapper gives them', async () => {
    expect(sorted(await whoIs(api, (await token({ clientId: 'with-paths' })).out))).toMatchObject({ ...kilgore, groups: ['oidc:/authors', 'oidc:/authors/science-fiction', 'system:authenticated'] });
  }, 120_000);

  it('refuses a token for another client', async () => {
    const strict = await startApiServer({ flags: [`--authentication-config=${await configuration(['another'])}`] });
    try {
      expect(await whoIs(strict, (await token()).out)).toMatch(/^401 /);
    } finally {
      await strict.stop();
    }
  }, 120_000);
});

const sorted = (who: unknown): unknown => ({ ...(who as object), groups: [...((who as { groups?: string[] }).groups ?? [])].sort() });

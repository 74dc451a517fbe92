/** Two organizations with a cluster each, as docs/sandbox.md shows them: what is theirs, and what each may not do, on a fleet that runs. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { Compute, Network, parseClouds, Session } from '../../provisioner/openstack/index.ts';
import { tenantCloudsFile } from '../../sandbox/fleet/organizations/tenant-cloud.ts';
import { describeWith } from '../fixtures/needs.ts';
import { documented, documentedRefusals, runScript } from './documented.ts';
import { eventually, Keelson, type Ran } from './keelson.ts';
import { Workload } from './machines.ts';
import { onUntouchedMachine } from './untouched-machine.ts';

describeWith({ root: true, commands: ['ip', 'nft', 'unshare'] }, 'two organizations', () => {
  const keelson = new Keelson();
  onUntouchedMachine(keelson);
  const inShell = (script: string): Promise<Ran> => runScript(keelson, `${documented('organizations-people')}${script}`, 180_000);
  const block = (name: string): Promise<Ran> => inShell(documented(name));

  test('up makes both, and a second up finds them', async () => {
    expect((await keelson.run(['up', '--organizations', '2', '--workers', '1'], 2_400_000)).code).toBe(0);
    const organizations = await keelson.json<{ items: { metadata: { name: string }; status: { used: { clusters: number; machines: number }; conditions: { type: string; status: string }[] } }[] }>('management', ['get', 'organizations']);
    for (const { metadata, status } of organizations.items) {
      expect({ name: metadata.name, clusters: status.used.clusters, machines: status.used.machines, wrong: status.conditions.filter((one) => one.status !== 'True') }).toEqual({ name: expect.stringMatching(/^demo(-2)?$/), clusters: 1, machines: 2, wrong: [] });
    }
    expect(organizations.items).toHaveLength(2);
    expect((await keelson.run(['up', '--organizations', '2', '--workers', '1'], 600_000)).code).toBe(0);
    for (const name of ['demo', 'demo-2']) await new Workload(keelson, name).settled({ controlPlanes: 1, workers: 1 }, 60_000);
  }, 3_100_000);

  test('the projects of the cloud see nothing of each other', async () => {
    const [demo, other] = [await held('demo'), await held('demo-2')];
    expect([demo.servers.length, other.servers.length]).toEqual([2, 2]);
    expect(demo.servers.filter((id) => other.servers.includes(id))).toEqual([]);
    expect([demo.networks, other.networks]).toEqual([['k8s-clusterapi-cluster-org-demo-demo'], ['k8s-clusterapi-cluster-org-demo-2-demo-2']]);
  }, 60_000);

  test('the commands that show what is theirs work', async () => {
    expect(await block('organizations-may')).toMatchObject({ code: 0, stdout: expect.stringContaining('keelson.dev/defaulted: classRef,version,network/externalNetwork,controlPlane/flavor,controlPlane/image,worker/flavor') });
  }, 180_000);

  test('everything that is not theirs is refused, in the words of the page', async () => {
    expect(await notRefused('organizations-may-not')).toEqual([]);
  }, 300_000);

  test('a reader logs in to the cluster, and reaches no further', async () => {
    const login = await block('organizations-login');
    expect(login).toMatchObject({ code: 0, stdout: expect.stringContaining('keelson:sandbox:demo-reader') });
    expect(await notRefused('organizations-login-may-not')).toEqual([]);
  }, 180_000);

  test('an AccessBinding gives rights in the cluster, and takes them back', async () => {
    expect(await block('organizations-binding')).toMatchObject({ code: 0 });
    await eventually('the right is gone', 10_000, async () => ((await inShell('login create configmap note -n default')).stderr.includes('cannot create resource "configmaps"') ? true : undefined));
  }, 240_000);

  test('the login ends with its ClusterAccess', async () => {
    expect(await block('organizations-login-end')).toMatchObject({ code: 0 });
    await eventually('the login is over', 10_000, async () => ((await inShell('login get deployments -n default')).stderr.includes('cannot list resource "deployments"') ? true : undefined));
  }, 120_000);

  /** Commands of a block that were not refused, or in other words. */
  async function notRefused(name: string): Promise<{ command: string; code: number; said: string }[]> {
    const refusals = documentedRefusals(name);
    expect(refusals.length).toBeGreaterThan(4);
    const found = [];
    for (const { command, words } of refusals) {
      const { code, stderr, stdout } = await inShell(command);
      if (code === 0 || !stderr.includes(words)) found.push({ command, code, said: `${stderr}${stdout.slice(0, 300)}` });
    }
    return found;
  }

  /** What the user of an organization's project sees. */
  async function held(organization: string): Promise<{ servers: string[]; networks: string[] }> {
    const session = new Session({ cloud: parseClouds(await readFile(tenantCloudsFile(keelson.state, organization), 'utf8'), 'openstack'), userAgent: 'test' });
    try {
      const networks = await new Network(session).networks({});
      return { servers: (await new Compute(session).servers({})).map(({ id }) => id), networks: networks.map(({ name }) => name).filter((name) => name !== 'external') };
    } finally {
      session.close();
    }
  }
});

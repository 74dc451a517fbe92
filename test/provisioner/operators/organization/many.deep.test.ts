/** The operator is killed again and again while it gives and takes rights in two hundred organizations; the rights at the end are exact. */
import { setTimeout as sleep } from 'node:timers/promises';
import { roleNames } from '../../../../policies/tenancy/roles.ts';
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { apiServerNeeds } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { eventually } from '../surroundings.ts';
import { startManagement, type Management } from './management.ts';
import { organizationOf } from './objects.ts';

const count = 200;
const kills = 6;
const nameOf = (i: number): string => `many-${i}`;

describeWith({ tools: [...apiServerNeeds.tools, 'helm', 'kube-controller-manager'] }, 'two hundred organizations and an operator that is killed', () => {
  let management: Management;
  beforeAll(async () => {
    management = await startManagement();
  }, 150_000);
  afterAll(() => management?.stop());

  it('ends with exactly the rights that were declared last', async () => {
    const { client } = management;
    const seed = Date.now() % 1_000_000;
    let state = seed;
    const random = (n: number): number => (state = (state * 48_271) % 2_147_483_647) % n;
    const wanted = new Map<string, { user: string; role: string }[]>();
    for (let i = 0; i < count; i += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, n) => client.create(resources.organizations, organizationOf(nameOf(i + n), { members: [] }))));
    }
    let operator = management.startOperator();
    let [isOver, turn] = [false, 0];
    const changes = (async () => {
      for (; !isOver || turn < 3 * count; turn++) {
        const name = nameOf(random(count));
        const members = Array.from({ length: random(5) }, (_, n) => ({ user: `oidc:${turn}-${n}`, role: roleNames[random(roleNames.length)]! }));
        wanted.set(name, members);
        await client.patch(resources.organizations, { name }, { type: 'merge', body: { spec: { members: members.map(({ user, role }) => ({ kind: 'User', name: user, role })) } } });
        await sleep(20);
      }
    })();
    for (let i = 0; i < kills; i++) {
      // Not before it has begun: what is killed then is in the middle of it.
      await eventually(() => Promise.resolve(operator.log().includes('"controller":"organization",')), 60_000);
      await sleep(random(2500));
      await operator.kill();
      operator = management.startOperator();
    }
    isOver = true;
    await changes;
    await eventually(async () => (await client.list<KubeObject & { status?: { observedGeneration?: number } }>(resources.organizations)).items.every(({ metadata, status }) => status?.observedGeneration === metadata.generation), 240_000);
    const { items } = await client.list<KubeObject & { subjects?: { name: string }[] }>(resources.roleBindings);
    const found = items.filter(({ metadata }) => metadata.namespace?.startsWith('org-')).flatMap(({ metadata, subjects = [] }) => subjects.map(({ name }) => `${metadata.namespace} ${metadata.name} ${name}`)).sort();
    const should = Array.from({ length: count }, (_, i) => nameOf(i)).flatMap((name) => [
      `org-${name} keelson-organization-automation automation`, ...(wanted.get(name) ?? []).map(({ user, role }) => `org-${name} keelson-organization-${role} ${user}`),
    ]).sort();
    console.log(`seed ${seed}: ${count} organizations, ${turn} changes, ${kills} kills, ${should.length} rights`);
    expect(found).toEqual(should);
  }, 600_000);
});

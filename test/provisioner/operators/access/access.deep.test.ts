/** Long ones: a thousand requests of one person, and an operator that is killed again and again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { AccessBinding } from '../../../../provisioner/api/access-binding.ts';
import type { ClusterAccess } from '../../../../provisioner/api/cluster-access.ts';
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { difference } from '../../../../provisioner/operators/access/difference.ts';
import { type RbacObject, rightsSelector, wantedRights } from '../../../../provisioner/operators/access/wanted.ts';
import { rightsResources } from '../../../../provisioner/operators/access/watched-clusters.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { namespace } from '../fleet.ts';
import { eventually } from '../surroundings.ts';
import { ask, loginOf, may, type Person, type Plane, planeNeeds, readyReason, startPlane, teamNamespace } from './plane.ts';

describeWith(planeNeeds, 'access at its limits', () => {
  let plane: Plane;
  let rita: Person;
  let folder: string;
  const all = async () => (await plane.api.client.list<KubeObject>(resources.clusterAccesses)).items as unknown as ClusterAccess[];

  beforeAll(async () => {
    plane = await startPlane();
    rita = await plane.person('oidc:rita', { role: 'keelson-organization-reader' });
    folder = await mkdtemp(join(tmpdir(), 'keelson-access-deep-'));
    await writeFile(join(folder, 'kubeconfig'), plane.operatorKubeconfig, { mode: 0o600 });
    await eventually(() => rita.client.create(resources.clusterAccesses, ask('probe', { role: 'reader' }), { dryRun: true }));
  }, 180_000);
  afterAll(async () => {
    await plane?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('takes ten of a thousand requests of one person, serves another meanwhile, and forgets the others', async () => {
    const bob = await plane.person('oidc:bob', { role: 'keelson-organization-reader' });
    plane.startOperator();
    const names = Array.from({ length: 1000 }, (_, i) => `rita-${i}`);
    const flood = (async () => {
      for (let i = 0; i < names.length; i += 16) await Promise.all(names.slice(i, i + 16).map((name) => rita.client.create(resources.clusterAccesses, ask(name, { role: 'reader' }))));
    })();
    await eventually(() => bob.client.create(resources.clusterAccesses, ask('bob', { role: 'reader' })));
    const started = Date.now();
    await eventually(async () => readyReason((await all()).find(({ metadata }) => metadata.name === 'bob')) === 'Issued');
    console.log(`a login beside the flood: ${Date.now() - started} ms`);
    await flood;
    const said = await eventually(async () => {
      const reasons = (await all()).filter(({ metadata }) => metadata.name.startsWith('rita-')).map(readyReason);
      return reasons.every((reason) => reason === 'Issued' || reason === 'TooManyOpen') && reasons;
    }, 120_000);
    expect(said.filter((reason) => reason === 'Issued')).toHaveLength(10);
    const secrets = (await plane.api.client.list(resources.secrets, { namespace })).items.filter(({ metadata }) => metadata.name.startsWith('keelson-access-rita-'));
    expect(secrets).toHaveLength(10);
    await plane.stopOperator();
    plane.context.turn(6 * 60_000);
    plane.startOperator();
    await eventually(async () => (await all()).length === 11, 120_000);
    await plane.stopOperator();
    for (const { metadata } of await all()) await plane.api.client.delete(resources.clusterAccesses, { namespace, name: metadata.name });
    await eventually(async () => (await plane.api.client.list(resources.secrets, { namespace })).items.every(({ metadata }) => !metadata.name.startsWith('keelson-access-')), 60_000);
  }, 600_000);

  it('ends exact after any number of kills, and says no secret in between', async () => {
    let said = '';
    let operator: ChildProcess | undefined;
    const start = (): void => {
      operator = spawn(process.execPath, [join(import.meta.dirname, 'operator-process.ts'), join(folder, 'kubeconfig')], { stdio: ['ignore', 'ignore', 'pipe'] });
      operator.stderr?.on('data', (text: Buffer) => (said += text.toString()));
    };
    const kill = async (): Promise<void> => {
      const ended = new Promise((resolve) => operator?.once('exit', resolve));
      operator?.kill('SIGKILL');
      await ended;
    };
    const people = await Promise.all(Array.from({ length: 6 }, (_, i) => plane.person(`oidc:p${i}`, { role: 'keelson-organization-editor' })));
    await eventually(() => people[5]!.client.create(resources.clusterAccesses, ask('probe', { role: 'editor' }), { dryRun: true }));
    const kept: { who: Person; name: string }[] = [];
    try {
      for (let round = 0; round < 12; round++) {
        start();
        const name = `round-${round}`;
        await plane.api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { team: String(round % 2) } } });
        await plane.api.client.create<KubeObject>(resources.accessBindings, { apiVersion: 'keelson.dev/v1alpha1', kind: 'AccessBinding', metadata: { name, namespace }, spec: { subjects: [{ kind: 'User', name: `oidc:u${round}` }], role: round % 3 ? 'editor' : 'reader', namespaceSelector: { matchLabels: { team: String(round % 2) } } } });
        for (const [i, who] of people.entries()) await who.client.create(resources.clusterAccesses, ask(`${name}-${i}`, { role: 'editor', namespaces: [teamNamespace] }));
        await new Promise((resolve) => setTimeout(resolve, 300 + 250 * (round % 6)));
        await kill();
        for (const [i, who] of people.entries()) {
          if (i % 2 === 0) await who.client.delete(resources.clusterAccesses, { namespace, name: `${name}-${i}` });
          else kept.push({ who, name: `${name}-${i}` });
        }
        if (round % 4 === 3) await plane.api.client.delete(resources.accessBindings, { namespace, name: `round-${round - 1}` });
      }
      start();
      const accesses = await eventually(async () => {
        const found = await all();
        return found.every((access) => ['Issued', 'TooManyOpen'].includes(readyReason(access) ?? '')) && found;
      }, 120_000);
      const issued = accesses.filter((access) => readyReason(access) === 'Issued');
      expect(issued).toHaveLength(30);
      const secrets = await eventually(async () => {
        const found = (await plane.api.client.list(resources.secrets, { namespace })).items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('keelson-access-')).sort();
        return found.length === issued.length && found;
      }, 60_000);
      expect(secrets).toEqual(issued.map(({ metadata }) => `keelson-access-${metadata.name}`).sort());
      const bindings = (await plane.api.client.list<KubeObject>(resources.accessBindings)).items as unknown as AccessBinding[];
      const namespaces = (await plane.api.client.list<KubeObject>(resources.namespaces)).items;
      const wanted = wantedRights({ accesses: issued, bindings, namespaces });
      await eventually(async () => {
        const there = (await Promise.all(rightsResources.map((resource) => plane.api.client.list<RbacObject>(resource, { labelSelector: rightsSelector })))).flatMap(({ items }) => items);
        const { apply, remove } = difference(wanted, there);
        if (apply.length + remove.length > 0) throw new Error(`missing ${apply.map(({ metadata }) => metadata.name).join()}; too many ${remove.map(({ metadata }) => metadata.name).join()}`);
        return true;
      }, 60_000);
      const survivor = kept.find(({ name }) => issued.some(({ metadata }) => metadata.name === name))!;
      const login = await loginOf(survivor.who, survivor.name);
      await eventually(() => may(login, 'create', 'pods', teamNamespace));
      login.close();
      expect(said).not.toMatch(/PRIVATE KEY|BEGIN|LS0tLS1|eyJ[A-Za-z0-9_-]{10,}\./);
    } finally {
      await kill();
    }
  }, 600_000);
});

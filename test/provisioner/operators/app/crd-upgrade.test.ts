/** Who still uses a version, as lists of the API server say it; everything else of an upgrade is in crds.integration.test.ts. */
import type { Crd } from '../../../../provisioner/helm/index.ts';
import { type KubeClient, KubeError, type Resource, systemClock } from '../../../../provisioner/kube/index.ts';
import { upgradeCrds } from '../../../../provisioner/operators/app/crd-upgrade.ts';

const crd = (...versions: string[]): Crd => ({
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'widgets.a.test' },
  spec: { group: 'a.test', scope: 'Namespaced', names: { kind: 'Widget', plural: 'widgets' }, versions: versions.map((name, i) => ({ name, served: true, storage: i === 0 })) },
});
const written = (manager: string, apiVersion: string, time: string) => ({ manager, apiVersion, time });
const widget = (name: string, ...managedFields: object[]) => ({ metadata: { namespace: 'shop', name, managedFields } });

interface Page {
  readonly items: readonly object[];
  readonly isRestart?: boolean;
}

/** v1alpha1 goes. @param pages of the list of its objects, or why there is none @param listed what discovery answers when it is asked again and again @returns what was applied */
async function upgrade(pages: readonly Page[] | KubeError, listed: readonly string[][] = [['Widget']]): Promise<unknown[]> {
  const applied: unknown[] = [];
  const discovery = [...listed];
  const client = {
    get: () => Promise.resolve({ ...crd('v1', 'v1alpha1'), status: { storedVersions: ['v1'], conditions: [{ type: 'Established', status: 'True' }] } }),
    pages: async function* ({ version }: Resource) {
      if (pages instanceof KubeError) throw pages;
      for (const { items, isRestart = false } of version === 'v1alpha1' ? pages : []) yield await Promise.resolve({ items, isRestart });
    },
    request: ({ path }: { path: string }) => {
      const kinds = path === '/apis/a.test/v1' ? (discovery.length > 1 ? discovery.shift() : discovery[0]) ?? [] : [];
      return Promise.resolve({ status: 200, body: Buffer.from(JSON.stringify({ resources: kinds.map((kind) => ({ name: 'widgets', kind, namespaced: true })) })) });
    },
    apply: (_: unknown, object: unknown) => Promise.resolve(applied.push(object)),
  } as unknown as KubeClient;
  await upgradeCrds([crd('v1')], { client, from: { chart: 'web', version: '2.0.0' }, clock: systemClock });
  expect(discovery).toHaveLength(1);
  return applied;
}

const movedOn = widget('new', written('kubectl', 'a.test/v1alpha1', '2026-01-01T00:00:00Z'), written('kubectl', 'a.test/v1', '2026-01-02T00:00:00Z'));
const users = ['a', 'b', 'c', 'd'].map((name) => widget(name, written('kubectl', 'a.test/v1alpha1', '2026-01-02T00:00:00Z'), written('kubectl', 'a.test/v1', '2026-01-01T00:00:00Z')));

it('lets a version go that nobody wrote in since', async () => {
  expect(await upgrade([{ items: [movedOn] }])).toHaveLength(1);
});

it('waits until discovery has its versions, which Established does not tell', async () => {
  expect(await upgrade([], [[], [], ['Widget']])).toHaveLength(1);
});

it('reads the list to its end, and names the first three', async () => {
  await expect(upgrade([{ items: [movedOn] }, { items: users }])).rejects.toMatchObject({
    code: 'HELM_CRD_UNSAFE', message: expect.stringContaining('is still used by Widget shop/a (kubectl), Widget shop/b (kubectl), Widget shop/c (kubectl). Nothing was changed') as string,
  });
});

it('forgets what it read when the list begins again', async () => {
  expect(await upgrade([{ items: users.slice(0, 1) }, { items: [movedOn], isRestart: true }])).toHaveLength(1);
});

it('does not go on where nobody can tell', async () => {
  await expect(upgrade(new KubeError('KUBE_FORBIDDEN', 'list Widget: 403'))).rejects.toMatchObject({ code: 'KUBE_FORBIDDEN' });
});

/** One App through its life while Helm is killed at a moment of each step: at the end the declared state, nothing twice, nothing stuck, nothing made anew. */
import { expect } from '@jest/globals';
import { readRecord } from '../../../../provisioner/helm/index.ts';
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import type { ApiServer } from '../../../fixtures/api-server.ts';
import { eventually } from '../surroundings.ts';
import type { appsOf } from './one-cluster.ts';
import type { UnluckyHelm } from './unlucky-helm.ts';

/** Objects of several kinds, and one that the API server refuses when asked to. */
export const chaosChart = {
  'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}-a"}\ndata: {greeting: {{ .Values.greeting | quote }}}\n',
  'b.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: "{{ .Release.Name }}-b"}\nspec: {ports: [{port: {{ .Values.port }}}]}\n',
  'c.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: "{{ .Release.Name }}-c"}\nstringData: {greeting: {{ .Values.greeting | quote }}}\n',
};
export const chaosValues = { 'values.yaml': 'greeting: hello\nport: 80\n' };

export async function liveThrough(api: ApiServer, apps: ReturnType<typeof appsOf>, o: { readonly name: string; readonly helm: UnluckyHelm; readonly afterSeconds: number }): Promise<void> {
  const { name, helm, afterSeconds } = o;
  const made = (): Promise<(KubeObject | undefined)[]> => Promise.all([api.client.get(resources.configMaps, { namespace: 'apps', name: `${name}-a` }), api.client.get(resources.services, { namespace: 'apps', name: `${name}-b` }), api.client.get(resources.secrets, { namespace: 'apps', name: `${name}-c` })]);
  const uids = async () => (await made()).map((object) => object?.metadata.uid);
  const greeting = async () => ((await made())[0] as (KubeObject & { data: { greeting: string } }) | undefined)?.data.greeting;

  await helm.kill('upgrade', afterSeconds);
  await apps.create(name, { cluster: 'demo', chart: 'chaos', values: { greeting: 'first' } });
  await apps.until(name, { status: 'True' });
  const first = await uids();
  expect(first).not.toContain(undefined);

  await helm.kill('upgrade', afterSeconds);
  await apps.patch(name, { spec: { values: { greeting: 'second' } } });
  await apps.until(name, { status: 'True' });
  expect([await greeting(), await uids()]).toEqual(['second', first]);

  await helm.kill('rollback', afterSeconds);
  await apps.patch(name, { spec: { values: { greeting: 'third', port: 99_999 } } });
  await apps.until(name, { reason: 'RolledBack' });
  expect([await greeting(), await uids()]).toEqual(['second', first]);
  expect(await statuses(api, name)).toEqual(['deployed']);

  await helm.kill('uninstall', afterSeconds);
  await apps.remove(name);
  await apps.gone(name);
  await eventually(async () => (await made()).every((object) => object === undefined));
  expect(await statuses(api, name)).toEqual([]);
}

/** Of the newest record, and of every other that is not over and done with. */
export async function statuses(api: ApiServer, release: string): Promise<readonly string[]> {
  const { items } = await api.client.list<KubeObject & { data: { release: string } }>(resources.secrets, { namespace: 'apps', labelSelector: `owner=helm,name=${release}` });
  const records = items.map(({ data }) => readRecord(data.release)).toSorted((a, b) => b.revision - a.revision);
  return records.filter(({ status }, i) => i === 0 || (status !== 'superseded' && status !== 'failed')).map(({ status }) => status);
}

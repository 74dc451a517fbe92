/** The life of an App under a Helm that is killed, at one or many moments of each step. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Helm } from '../../../../provisioner/helm/index.ts';
import { resources } from '../../../../provisioner/kube/index.ts';
import { type ApiServer, startApiServer } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { tempFolder, writeChart } from '../../helm/charts.ts';
import { cluster, initialize, installKinds } from '../fleet.ts';
import { testContext } from '../surroundings.ts';
import { chaosChart, chaosValues, liveThrough } from './chaos.ts';
import { appsOf, type Running, startAppControllers } from './one-cluster.ts';
import { type UnluckyHelm, unluckyHelm } from './unlucky-helm.ts';

/** @param moments seconds after which each command is killed; a run of Helm takes 0.1 to 0.5 s, so that later ones end before */
export function killedAt(moments: readonly number[]): void {
  describeWith({ tools: ['etcd', 'kube-apiserver', 'helm'], commands: ['timeout'] }, 'Helm that is killed in the middle of each step', () => killing(moments));
}

function killing(moments: readonly number[]): void {
  let api: ApiServer;
  let folder: string;
  let helm: UnluckyHelm;
  let running: Running;

  beforeAll(async () => {
    folder = await tempFolder();
    api = await startApiServer();
    await installKinds(api);
    await writeChart(folder, 'chaos', chaosChart, chaosValues);
    await api.client.create(resources.clusters, cluster('demo'));
    await initialize(api, 'demo', api.kubeconfig);
    helm = await unluckyHelm(folder);
    running = startAppControllers(api, testContext(api.client), { charts: folder, kept: join(folder, 'kept'), helm: new Helm({ binary: helm.binary, pendingAfterMs: 0 }) });
  }, 100_000);
  afterAll(async () => {
    await running?.stop();
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(moments)('after %d s: the declared state in the end, nothing made anew, nothing left', async (afterSeconds) => {
    await liveThrough(api, appsOf(api), { name: `c${Math.round(afterSeconds * 1000)}`, helm, afterSeconds });
  }, 120_000);

  it('was killed indeed', async () => {
    const struck = await helm.struck();
    console.log(`struck: ${struck.join(', ')}`);
    expect(struck.length).toBeGreaterThan(0);
  });
}

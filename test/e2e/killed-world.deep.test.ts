/** A fleet whose world is killed: the next start of the world, and nothing else, brings every cluster back with what it knew. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { startWorld } from '../../sandbox/world/index.ts';
import { describeWith } from '../fixtures/needs.ts';
import { eventually, Keelson } from './keelson.ts';

jest.setTimeout(2_400_000);

interface Node { readonly metadata: { readonly name: string }; readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string; readonly lastHeartbeatTime: string }[] } }

describeWith({ root: true, commands: ['ip', 'nft', 'unshare'] }, 'a fleet whose world is killed', () => {
  const keelson = new Keelson();

  /** Names of a cluster's nodes, once each has told after this time that it is Ready. */
  const readySince = (cluster: string, since: Date): Promise<string[]> => eventually(`nodes of ${cluster}`, 600_000, async () => {
    const { items } = await keelson.json<{ items: Node[] }>(cluster, ['get', 'nodes']);
    const isReady = (node: Node): boolean => node.status.conditions.some((one) => one.type === 'Ready' && one.status === 'True' && new Date(one.lastHeartbeatTime) > since);
    return items.length > 0 && items.every(isReady) ? items.map((node) => node.metadata.name).sort() : undefined;
  });
  const identity = (): number => (JSON.parse(readFileSync(join(keelson.state, 'world.json'), 'utf8')) as { process: { pid: number } }).process.pid;

  afterAll(async () => {
    await keelson.run(['down']);
    await rm(keelson.stateHome, { recursive: true, force: true });
  });

  test('comes back Ready, with its objects and its addresses, when the world is started again', async () => {
    expect((await keelson.run(['up'])).code).toBe(0);
    const clusters = ['management', 'demo'];
    const nodes = await Promise.all(clusters.map((cluster) => readySince(cluster, new Date(0))));
    for (const cluster of clusters) expect((await keelson.kubectl(cluster, ['create', 'configmap', 'kept', '--from-literal=a=b'])).code).toBe(0);

    process.kill(identity(), 'SIGKILL');
    const killed = new Date();
    const { isResumed } = await startWorld({ stateFolder: keelson.state, toolsFolder: keelson.tools, imagesFolder: join(keelson.state, 'images'), repository: join(import.meta.dirname, '..', '..') });
    expect(isResumed).toBe(true);

    expect(await Promise.all(clusters.map((cluster) => readySince(cluster, killed)))).toEqual(nodes);
    process.stdout.write(`all nodes told that they are Ready ${Math.round((Date.now() - killed.getTime()) / 1000)} s after the kill\n`);
    for (const cluster of clusters) expect((await keelson.kubectl(cluster, ['get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}'])).stdout).toBe('b');
    expect((await keelson.run(['up'])).code).toBe(0);
  });
});

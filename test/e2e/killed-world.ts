/** A fleet whose world is killed: the next start of the world, and nothing else, brings every cluster back with what it knew. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startWorld } from '../../sandbox/world/index.ts';
import { ended } from '../../sandbox/world/process-identity.ts';
import { eventually, type Keelson } from './keelson.ts';
import { worldOf } from './world-of.ts';

interface Node { readonly metadata: { readonly name: string }; readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string; readonly lastHeartbeatTime: string }[] } }

/** Registers the test. @param clusters those that run, the management cluster among them */
export function killedWorld(keelson: Keelson, clusters: readonly string[]): void {
  /** Names of a cluster's nodes, once each has told after this time that it is Ready. */
  const readySince = (cluster: string, since: Date): Promise<string[]> => eventually(`nodes of ${cluster}`, 600_000, async () => {
    const { items } = await keelson.json<{ items: Node[] }>(cluster, ['get', 'nodes']);
    const isReady = (node: Node): boolean => node.status.conditions.some((one) => one.type === 'Ready' && one.status === 'True' && new Date(one.lastHeartbeatTime) > since);
    return items.length > 0 && items.every(isReady) ? items.map((node) => node.metadata.name).sort() : undefined;
  });

  test('a world that is killed comes back Ready, with its objects and its addresses, when it is started again', async () => {
    const nodes = await Promise.all(clusters.map((cluster) => readySince(cluster, new Date(0))));
    for (const cluster of clusters) expect((await keelson.kubectl(cluster, ['create', 'configmap', 'kept', '--from-literal=a=b'])).code).toBe(0);

    const { process: world } = await worldOf(keelson.state);
    process.kill(world.pid, 'SIGKILL');
    const killed = new Date();
    expect(await ended(world, 30_000)).toBe(true);
    const { isResumed } = await startWorld({ stateFolder: keelson.state, toolsFolder: keelson.tools, imagesFolder: join(keelson.state, 'images'), repository: join(import.meta.dirname, '..', '..') });
    expect(isResumed).toBe(true);

    expect(await Promise.all(clusters.map((cluster) => readySince(cluster, killed)))).toEqual(nodes);
    process.stdout.write(`all nodes told that they are Ready ${Math.round((Date.now() - killed.getTime()) / 1000)} s after the kill\n`);
    for (const cluster of clusters) expect((await keelson.kubectl(cluster, ['get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}'])).stdout).toBe('b');
    expect((await keelson.run(['up'])).code).toBe(0);
  }, 2_400_000);
}

/** What `keelson status` makes of a management cluster that answers some questions and not others. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { managementName, type FleetContext } from '../../../sandbox/fleet/context.ts';
import { lookAtClusters } from '../../../sandbox/fleet/look.ts';
import { kubeconfigPath, placesOf } from '../../../sandbox/fleet/places.ts';

let stateHome: string;
let server: Server;
/** Path of a list → its status; others are empty lists. */
let answers: Record<string, number>;

beforeEach(async () => {
  stateHome = await mkdtemp(join(tmpdir(), 'keelson-look-'));
  answers = {};
  server = createServer(({ url = '' }, response) => {
    const { pathname } = new URL(url, 'http://a.test');
    const items = pathname === '/api/v1/nodes' ? [{ metadata: { name: 'management-1' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }] : [];
    response.writeHead(answers[pathname] ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify({ metadata: { resourceVersion: '1' }, items, message: 'not now' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(stateHome, { recursive: true, force: true });
});

async function look() {
  const places = placesOf({ home: '/none', repository: '/none', stateHome });
  const path = kubeconfigPath(places, managementName);
  await mkdir(dirname(path), { recursive: true });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(path, stringify({ apiVersion: 'v1', kind: 'Config', clusters: [{ name: 'c', cluster: { server: url } }], users: [{ name: 'u', user: { token: 't' } }], contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }], 'current-context': 'x' }));
  const context: FleetContext = { places, signal: AbortSignal.timeout(20_000), environment: {}, allowPackages: false };
  return (await lookAtClusters(context)).map(({ name, available, reason, components }) => ({ name, available, reason, components }));
}

const clusters = '/apis/cluster.x-k8s.io/v1beta2/clusters';

test('all that answers is available; before Cluster API is there, there are no clusters', async () => {
  answers[clusters] = 404;
  expect(await look()).toEqual([{ name: 'management', available: true, reason: undefined, components: [] }]);
});

test('clusters that cannot be listed are not left out in silence', async () => {
  answers[clusters] = 500;
  expect(await look()).toMatchObject([{ available: false, reason: expect.stringMatching(/^its clusters cannot be looked at: .*500/) as unknown as string }]);
});

test('nor are components', async () => {
  answers['/apis/apps/v1/deployments'] = 403;
  expect(await look()).toMatchObject([{ available: true, components: [{ name: 'deployments', ready: false, reason: expect.stringContaining('403') as unknown as string }] }]);
});

test('an API server that answers nothing is told once', async () => {
  for (const path of ['/api/v1/nodes', '/apis/apps/v1/deployments', clusters]) answers[path] = 500;
  expect(await look()).toMatchObject([{ available: false, reason: expect.stringContaining('500') as unknown as string }]);
});

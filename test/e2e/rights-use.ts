/** The rights of what we run in a workload cluster, against the audit log that its API server wrote while the fleet lived. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { fromKubeconfig } from '../../provisioner/kube/index.ts';
import { WorldClient } from '../../sandbox/world/client.ts';
import { type AuditEvent, rightsOfAccounts, unusedRights, usesIn } from '../fixtures/rights-use.ts';
import type { Keelson } from './keelson.ts';
import { serverOf, Workload } from './machines.ts';

const namespace = 'keelson-system';
/** What runs there and is not ours has the roles that its own project publishes. */
const ofOthers: readonly string[] = ['kube-state-metrics', 'prometheus-operator'].map((name) => `${namespace}/${name}`);

/**
 * Rights that this log shows no use of, each for a reason. Prometheus lists what it discovers by a watch (WatchList of client-go,
 * which it falls back from to lists where an API server does not have it). Only where the watch was used.
 */
const insteadOfWatch: readonly string[] = ['services', 'pods', 'endpointslices.discovery.k8s.io'];

/** What accounts of the platform asked for, and what was asked about them: kubelets and the relay let nobody read metrics unasked. */
const script = `grep -h -F 'system:serviceaccount:${namespace}:' /var/log/kubernetes/audit/*.log`;

export function rightsUse(keelson: Keelson): void {
  test('no right of ours in the cluster was never used: exporters, Prometheus, relay, federation', async () => {
    const client = await fromKubeconfig(await readFile(join(keelson.state, 'kubeconfig-demo'), 'utf8'));
    const rights = (await rightsOfAccounts(client).finally(() => client.close())).filter(({ account }) => account.startsWith(`${namespace}/`));
    const accounts = new Set(rights.map(({ account }) => account));
    expect(ofOthers.filter((account) => !accounts.has(account))).toEqual([]);
    expect([...accounts].filter((account) => !ofOthers.includes(account)).sort()).toEqual(['cert-exporter-cluster', 'control-plane-metrics', 'keelson-federation-reader', 'keelson-prometheus', 'net-exporter'].map((name) => `${namespace}/${name}`));
    const world = new WorldClient(keelson.state);
    const logs = await Promise.all((await new Workload(keelson).machines('control plane')).map(async (machine) => (await world.exec(serverOf(machine), { argv: ['sh', '-c', script] })).stdout));
    const events = logs.flatMap((log) => log.split('\n')).filter(Boolean).map((line) => JSON.parse(line) as AuditEvent);
    expect(events.length).toBeGreaterThan(100);
    const uses = usesIn(events);
    const lists = insteadOfWatch.map((what) => ({ account: `${namespace}/keelson-prometheus`, verb: 'list', what }));
    // An exception for a right that is not there any more, or whose watch nobody uses, is out of date.
    for (const { account, what } of lists) {
      expect([what, rights.some((right) => right.account === account && right.verb === 'list' && right.what === what)]).toEqual([what, true]);
      expect([what, uses.some((use) => use.account === account && use.verb === 'watch' && use.what === what)]).toEqual([what, true]);
    }
    expect(unusedRights(rights.filter(({ account }) => !ofOthers.includes(account)), [...uses, ...lists])).toEqual([]);
  }, 60_000);
}

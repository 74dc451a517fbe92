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
const ofOthers: readonly string[] = ['kube-state-metrics', 'prometheus-operator', 'snapshot-controller'].map((name) => `${namespace}/${name}`);

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
    expect(unusedRights(rights.filter(({ account }) => !ofOthers.includes(account)), usesIn(events))).toEqual([]);
  }, 60_000);
}

/** The management cluster: a kubeadm control plane on a simulated server, and the way to it from the user's shell. */
import { writeFile } from 'node:fs/promises';
import { resources } from '../../provisioner/kube/index.ts';
import { sessionOf } from './cloud.ts';
import { kubeOf, managementName, worldOf, type FleetContext } from './context.ts';
import { throughRelay } from './kubeconfig.ts';
import { WorldError } from '../world/index.ts';
import { ensureManagementServer, type ManagementServer } from './management-server.ts';
import { bootstrapMark } from './management-user-data.ts';
import { kubeconfigPath } from './places.ts';
import { isTrue } from './conditions.ts';
import type { Phase } from './phases.ts';
import { notYet, ready, until } from './until.ts';

export const managementPhase: Phase<FleetContext> = {
  name: 'management',
  title: 'Management cluster',
  async run(context, step) {
    const session = await sessionOf(context);
    try {
      const server = await ensureManagementServer(session, context.signal, step);
      await until('kubeadm init', () => adminKubeconfig(context, server), { signal: context.signal, timeoutMs: 240_000, step });
      await nodeReady(context, step);
    } finally {
      session.close();
    }
  },
};

/** The admin kubeconfig is on the server once kubeadm is done. */
async function adminKubeconfig(context: FleetContext, server: ManagementServer) {
  const world = worldOf(context);
  const done = await world.exec(server.id, { argv: ['cat', bootstrapMark] }, context.signal).catch((error: unknown) => {
    if (error instanceof WorldError && error.code === 'WORLD_NOT_FOUND') return undefined;
    throw error;
  });
  if (!done) return notYet('boots again');
  if (done.status !== 0) return notYet((await world.console(server.id, 1, context.signal)).trim().slice(0, 100) || 'boots');
  const admin = await world.exec(server.id, { argv: ['cat', '/etc/kubernetes/admin.conf'] }, context.signal);
  if (admin.status !== 0) return notYet('no admin.conf yet');
  const relay = await world.addRelay({ name: `kubernetes-${managementName}`, target: { address: server.floatingIp, port: 6443 } }, context.signal);
  await writeFile(kubeconfigPath(context.places, managementName), throughRelay(admin.stdout, { cluster: managementName, port: relay.port }), { mode: 0o600 });
  return ready(true);
}

async function nodeReady(context: FleetContext, step: (what: string) => void): Promise<void> {
  const kube = await kubeOf(context, managementName);
  try {
    await until('node', async () => {
      const { items } = await kube.list(resources.nodes, { signal: context.signal });
      const waiting = items.filter((node) => !isTrue(node, 'Ready'));
      return items.length > 0 && waiting.length === 0 ? ready(true) : notYet('not Ready yet');
    }, { signal: context.signal, timeoutMs: 120_000, step });
  } finally {
    kube.close();
  }
}

/** Real Alertmanagers that tell each other what they got, as a pair in the management cluster does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../../fixtures/free-port.ts';
import { toolsBin } from '../../../fixtures/needs.ts';
import { eventually } from '../surroundings.ts';

export interface TestAlertmanager {
  readonly url: string;
  start(): Promise<void>;
  /** SIGKILL; what it stored is lost. */
  kill(): Promise<void>;
}

export async function alertmanagers(count: number): Promise<{ readonly all: readonly TestAlertmanager[]; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'silences-'));
  const config = join(folder, 'alertmanager.yaml');
  await writeFile(config, 'route: {receiver: nobody, group_wait: 0s}\nreceivers: [{name: nobody}]\n');
  const web = await freePorts(count);
  const mesh = await freePorts(count);
  const all = web.map((port, i) => one({ config, folder: join(folder, String(i)), port, mesh: mesh[i] ?? 0, peers: mesh.filter((_, j) => j !== i) }));
  await Promise.all(all.map((each) => each.start()));
  return {
    all,
    async stop() {
      await Promise.all(all.map((each) => each.kill()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function one(o: { readonly config: string; readonly folder: string; readonly port: number; readonly mesh: number; readonly peers: readonly number[] }): TestAlertmanager {
  const url = `http://127.0.0.1:${o.port}`;
  let child: ChildProcess | undefined;
  return {
    url,
    async start() {
      child = spawn(join(toolsBin, 'alertmanager'), [
        `--config.file=${o.config}`, `--storage.path=${o.folder}`, `--web.listen-address=127.0.0.1:${o.port}`, `--cluster.listen-address=127.0.0.1:${o.mesh}`, '--cluster.advertise-address=127.0.0.1:' + String(o.mesh),
        ...o.peers.map((port) => `--cluster.peer=127.0.0.1:${port}`), '--cluster.gossip-interval=50ms', '--cluster.pushpull-interval=500ms', '--cluster.reconnect-interval=500ms', '--cluster.settle-timeout=1s',
      ], { stdio: 'ignore' });
      await eventually(async () => (await fetch(`${url}/-/ready`)).ok, 20_000);
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child?.once('close', resolve));
      child.kill('SIGKILL');
      await gone;
      await rm(o.folder, { recursive: true, force: true });
    },
  };
}

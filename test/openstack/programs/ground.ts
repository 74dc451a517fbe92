/** What a recorded program stands on: a cloud behind a proxy, a network with a way out, servers. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { parseClouds, Session, type Cloud } from '../../../provisioner/openstack/index.ts';
import { Recorder } from '../recorder.ts';
import { at, type Body } from '../reply.ts';
import { openStage, type Stage } from '../stage.ts';
import { Target } from '../target.ts';
import { worthKeeping, type RecordedCall } from './recorded-call.ts';
import { RecordingProxy } from './recording-proxy.ts';

export interface Ground {
  /** The cloud as the program is told of it. */
  readonly cloud: Cloud;
  readonly target: Target;
  readonly stage: Stage;
  /** Sets the stage; its calls are written down too. */
  readonly hands: Recorder;
  /** Looks without being written down. */
  readonly eyes: Session;
  /** For the program's files. */
  readonly folder: string;
}

export interface CloudOfPrograms {
  readonly cloudsYaml: string;
  /** Entry of clouds.yaml. */
  readonly entry: string;
}

/** Runs a program on a cloud. What it leaves behind when it fails stays. @returns its calls and those that set the stage, as far as they are worth keeping */
export async function recordProgram({ cloudsYaml, entry }: CloudOfPrograms, live: (ground: Ground) => Promise<void>): Promise<RecordedCall[]> {
  const real = parseClouds(cloudsYaml, entry);
  const proxy = await RecordingProxy.before(real.auth.auth_url);
  const cloud: Cloud = { ...real, auth: { ...real.auth, auth_url: proxy.authUrl } };
  const target = new Target({ name: 'programs', cloudsYaml: stringify({ clouds: { [entry]: cloud } }), member: entry });
  const eyes = new Session({ cloud: real, userAgent: 'keelson-eyes' });
  const folder = await mkdtemp(join(tmpdir(), 'keelson-program-'));
  try {
    await target.open();
    const stage = await openStage(target);
    const hands = new Recorder(target, 'program');
    await live({ cloud, target, stage, hands, eyes, folder });
    const calls = worthKeeping(proxy.calls);
    const stuck = [...await hands.cleanUp(), ...await stage.remove()];
    if (stuck.length > 0) throw new Error(`left behind: ${stuck.join('; ')}`);
    return calls;
  } finally {
    await target.close();
    eyes.close();
    await proxy.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A server on the stage's network that is ACTIVE. @returns its id */
export async function activeServer({ target, stage, hands, eyes }: Ground, name: string): Promise<string> {
  const port = at(await hands.must('network POST /v2.0/ports', { port: { network_id: stage.networkId, name } }), 'port', 'id');
  hands.undo(`network DELETE /v2.0/ports/${port}`);
  const made = await hands.must('compute POST /servers', { server: { name, flavorRef: target.flavorId, imageRef: target.imageId, networks: [{ port }], availability_zone: target.zone } });
  const id = at(made, 'server', 'id');
  hands.undo(`compute DELETE /servers/${id}`);
  await eventually(`server ${name} is ACTIVE`, async () => at(await eyes.call('compute', 'GET', `/servers/${id}`) as Body, 'server', 'status') === 'ACTIVE');
  return id;
}

/** @throws when it does not hold within five minutes: a lab on a busy machine is slow */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 300_000;
  for (;;) {
    if (await holds().catch(() => false)) return;
    if (Date.now() > end) throw new Error(`not within five minutes: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

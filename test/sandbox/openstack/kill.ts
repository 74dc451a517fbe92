/** Kills a cloud in the middle of a burst of calls, starts it again, and compares what is there with what was answered. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CloudError, parseClouds, Session } from '../../../provisioner/openstack/index.ts';

const program = fileURLToPath(new URL('cloud-process.ts', import.meta.url));

export interface KillReport { readonly answered: number; readonly unanswered: number; readonly lost: string[]; readonly half: string[]; readonly pending: string[] }

interface Living { readonly child: ChildProcess; readonly session: Session }

/** @param afterAnswers how many calls are answered before the kill; a moment later it comes */
export async function killInBurst(afterAnswers: number): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'cloud-kill-'));
  let cloud = await live(folder);
  try {
    const burst = new Burst(cloud.session, afterAnswers);
    const clients = Promise.all([0, 1, 2, 3].map((client) => burst.run(client)));
    await Promise.race([burst.reached, clients]);
    await new Promise((resolve) => { setTimeout(resolve, Math.random() * 5); });
    await kill(cloud);
    burst.isOver = true;
    await clients;
    cloud = await live(folder);
    return { answered: burst.kept.size + burst.removed.size, unanswered: burst.unanswered, ...await compare(cloud.session, burst) };
  } finally {
    await kill(cloud);
    rmSync(folder, { recursive: true });
  }
}

async function live(folder: string): Promise<Living> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, folder], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } });
  await new Promise<void>((resolve, reject) => {
    child.stdout!.once('data', () => { resolve(); });
    child.once('exit', (code) => { reject(new Error(`the cloud ended with ${code}`)); });
  });
  return { child, session: new Session({ cloud: parseClouds(readFileSync(join(folder, 'clouds.yaml'), 'utf8'), 'keelson'), userAgent: 'kill/1', attempts: 1 }) };
}

async function kill({ child, session }: Living): Promise<void> {
  session.close();
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** Clients that make and remove networks with a subnet and a port in one go each, and remember every answer they got. */
class Burst {
  /** Path → kind of what was answered and not removed since. */
  readonly kept = new Map<string, string>();
  readonly removed = new Set<string>();
  /** Things whose removal was asked for without an answer: both is right. */
  readonly unsure = new Set<string>();
  unanswered = 0;
  isOver = false;
  readonly #session: Session;

  readonly #enough: number;
  readonly #reached = Promise.withResolvers<void>();

  constructor(session: Session, enough: number) {
    this.#session = session;
    this.#enough = enough;
  }

  /** Resolves when enough calls were answered. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  #count(): void {
    if (this.kept.size + this.removed.size >= this.#enough) this.#reached.resolve();
  }

  async run(client: number): Promise<void> {
    for (let i = 0; !this.isOver; i++) {
      try {
        const network = await this.#make('networks', 'network', { name: `n-${client}-${i}` });
        const subnet = await this.#make('subnets', 'subnet', { network_id: network, ip_version: 4, cidr: '10.0.0.0/24' });
        const port = await this.#make('ports', 'port', { network_id: network, fixed_ips: [{ subnet_id: subnet }] });
        // Most go again, or the quota would end the burst.
        if (i % 5 !== 0) for (const path of [`ports/${port}`, `subnets/${subnet}`, `networks/${network}`]) await this.#remove(`/v2.0/${path}`);
      } catch (error) {
        // A refusal would be a fault of this test or of the cloud; only a call without an answer is what the kill does.
        if (!(error instanceof CloudError) || (error.code !== 'CLOUD_UNREACHABLE' && error.code !== 'CLOUD_TIMEOUT')) throw error;
        this.unanswered += 1;
        return;
      }
    }
  }

  async #make(collection: string, key: string, body: object): Promise<string> {
    const answer = await this.#session.call('network', 'POST', `/v2.0/${collection}`, { body: { [key]: body } });
    const { id } = (answer as Record<string, { id: string }>)[key]!;
    this.kept.set(`/v2.0/${collection}/${id}`, key);
    this.#count();
    return id;
  }

  async #remove(path: string): Promise<void> {
    this.unsure.add(path);
    await this.#session.call('network', 'DELETE', path);
    this.unsure.delete(path);
    this.kept.delete(path);
    this.removed.add(path);
    this.#count();
  }
}

async function compare(session: Session, burst: Burst): Promise<Pick<KillReport, 'lost' | 'half' | 'pending'>> {
  const list = async (collection: string): Promise<Record<string, unknown>[]> => (await session.call('network', 'GET', `/v2.0/${collection}`) as Record<string, Record<string, unknown>[]>)[collection]!;
  const [networks, subnets, ports] = [await list('networks'), await list('subnets'), await list('ports')];
  const there = new Set([networks, subnets, ports].flatMap((all, i) => all.map((one) => `/v2.0/${['networks', 'subnets', 'ports'][i]}/${String(one['id'])}`)));
  const networkIds = new Set(networks.map((one) => one['id']));
  const subnetIds = new Set(subnets.map((one) => one['id']));
  return {
    lost: [...[...burst.kept.keys()].filter((path) => !there.has(path) && !burst.unsure.has(path)), ...[...burst.removed].filter((path) => there.has(path)).map((path) => `${path} came back`)],
    half: [
      ...[...subnets, ...ports].filter((one) => !networkIds.has(one['network_id'])).map((one) => `${String(one['id'])} on no network`),
      ...ports.filter((port) => (port['fixed_ips'] as { subnet_id: string }[]).some((ip) => !subnetIds.has(ip.subnet_id))).map((port) => `${String(port['id'])} has an address of no subnet`),
      ...networks.filter((network) => network['router:external'] !== true && (network['subnets'] as string[]).some((id) => !subnetIds.has(id))).map((network) => `${String(network['id'])} lists a subnet that is not there`),
    ],
    pending: networks.filter((network) => network['status'] !== 'ACTIVE').map((network) => String(network['id'])),
  };
}

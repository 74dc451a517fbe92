/** Asks Cilium's own policy engine (test/oracles/cilium). One process for many questions. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PolicyObject, Transport, World } from '../../../../policies/network/model.ts';
import { cacheDirectory } from '../../../../sandbox/tools/index.ts';

const program = join(cacheDirectory(process.env), 'tools', 'bin', 'cilium-oracle');

/** An end that is already found in the world: an address is one outside the cluster. */
export interface OracleEnd {
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly ip?: string;
}

/** One direction at one end. */
export interface OracleQuery {
  readonly subject: OracleEnd;
  readonly peer: OracleEnd;
  readonly ingress: boolean;
  readonly protocol: Transport;
  /** Or the ICMP type. */
  readonly port: number;
  /** The node whose agent decides. */
  readonly node: string;
}

export interface OracleAnswer {
  readonly version?: string;
  /** One for each policy; empty where it was accepted. */
  readonly errors?: readonly string[];
  /** "allowed", "denied", or "error: …" where the subject's policy cannot be computed. */
  readonly verdicts?: readonly string[];
  readonly failure?: string;
}

export class Oracle {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting: { resolve: (answer: OracleAnswer) => void; reject: (error: Error) => void }[] = [];

  constructor() {
    this.#process = spawn(program, { stdio: ['pipe', 'pipe', 'pipe'] });
    let lastWords = '';
    this.#process.stderr.on('data', (chunk: Buffer) => (lastWords = (lastWords + chunk.toString()).slice(-2000)));
    this.#process.once('error', (error) => this.#fail(error));
    this.#process.once('exit', (code) => this.#fail(new Error(`the oracle ended with code ${code}: ${lastWords}`)));
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.#waiting.shift()?.resolve(JSON.parse(line) as OracleAnswer));
  }

  /** Errors of Cilium's parsing and `Sanitize`, one for each policy, empty where it is accepted. */
  async sanitize(policies: readonly PolicyObject[], world: Partial<World> = {}): Promise<readonly string[]> {
    const { errors = [], failure } = await this.ask({ verb: 'sanitize', world: withDefaults(world), policies });
    if (failure) throw new Error(failure);
    return errors;
  }

  async verdicts(world: World, policies: readonly PolicyObject[], queries: readonly OracleQuery[]): Promise<OracleAnswer> {
    return this.ask({ verb: 'verdicts', world: withDefaults(world), policies, queries });
  }

  async ask(request: object): Promise<OracleAnswer> {
    const answer = new Promise<OracleAnswer>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    return answer;
  }

  stop(): void {
    this.#process.stdin.end();
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

/** What the API server and the chart fill in. */
function withDefaults(world: Partial<World>): object {
  return { clusterName: 'default', ...world, pods: (world.pods ?? []).map((pod) => ({ serviceAccount: 'default', ...pod })) };
}

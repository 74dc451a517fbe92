/** Typed client of a running world's control interface. */
import { request } from 'node:http';
import type { ControlFailure, ExecRequest, ExecResult, RelayRequest, RelayStatus, WorldStatus } from './control-api.ts';
import { WorldError, type WorldErrorCode } from './errors.ts';
import { FaultError, type FaultErrorCode } from '../faults/errors.ts';
import type { FaultInput, FaultStatus, HealedFault } from '../faults/request.ts';
import { FaultError as ApiFaultError, type ActiveFault, type CallCount, type FaultErrorCode as ApiFaultErrorCode, type FaultRule } from '../openstack/index.ts';
import { portHolder } from './port-holder.ts';
import { readFailure } from './failure.ts';
import { worldPaths, type WorldPaths } from './world-paths.ts';

const defaultTimeoutMs = 30_000;

interface Call { readonly method: 'GET' | 'POST' | 'DELETE'; readonly path: string; readonly body?: unknown; readonly timeoutMs?: number; readonly signal?: AbortSignal | undefined }

export class WorldClient {
  readonly #paths: WorldPaths;

  /** @param stateFolder the one the world was started with */
  constructor(stateFolder: string) {
    this.#paths = worldPaths(stateFolder);
  }

  /** Throws WORLD_NOT_RUNNING when nothing listens. */
  status(signal?: AbortSignal): Promise<WorldStatus> {
    return this.#json({ method: 'GET', path: '/status', timeoutMs: 5000, signal });
  }

  /** Throws WORLD_PORT_TAKEN with the holder's name where it can be read. */
  async addRelay(relay: RelayRequest, signal?: AbortSignal): Promise<RelayStatus> {
    try {
      return await this.#json({ method: 'POST', path: '/relays', body: relay, signal });
    } catch (error) {
      if (!(error instanceof WorldError) || error.code !== 'WORLD_PORT_TAKEN' || relay.port === undefined) throw error;
      // The world sees only its own processes, so who has the port is looked up out here.
      const holder = await portHolder(relay.port);
      throw new WorldError('WORLD_PORT_TAKEN', `${error.message}${holder ? ` by ${holder.name} (pid ${holder.pid})` : ''}; stop that program or choose another port`, { cause: error });
    }
  }

  /** Throws WORLD_NOT_FOUND. */
  async removeRelay(name: string, signal?: AbortSignal): Promise<void> {
    await this.#call({ method: 'DELETE', path: `/relays/${encodeURIComponent(name)}`, signal });
  }

  /** Runs a command inside a server as its root. A status other than 0 is an answer, not an error. */
  exec(serverId: string, command: ExecRequest, signal?: AbortSignal): Promise<ExecResult> {
    return this.#json({ method: 'POST', path: `/servers/${encodeURIComponent(serverId)}/exec`, body: command, timeoutMs: (command.timeoutMs ?? 60_000) + 5000, signal });
  }

  /** What the server wrote to its console. @param lines only the last ones */
  console(serverId: string, lines?: number, signal?: AbortSignal): Promise<string> {
    return this.#call({ method: 'GET', path: `/servers/${encodeURIComponent(serverId)}/console${lines === undefined ? '' : `?lines=${lines}`}`, signal });
  }

  /** What the cloud was asked since it started, by client, most frequent first. */
  calls(signal?: AbortSignal): Promise<readonly CallCount[]> {
    return this.#json({ method: 'GET', path: '/calls', signal });
  }

  /** Makes calls of the cloud's API go wrong until it is healed. @throws FaultError FAULT_BAD_RULE, FAULT_NAME_TAKEN */
  breakApi(rule: FaultRule, signal?: AbortSignal): Promise<ActiveFault> {
    return this.#json({ method: 'POST', path: '/cloud/faults', body: rule, signal });
  }

  /** The faults of the cloud's API that stand, spent ones too. */
  apiFaults(signal?: AbortSignal): Promise<readonly ActiveFault[]> {
    return this.#json({ method: 'GET', path: '/cloud/faults', signal });
  }

  /** Takes one fault of the cloud's API away, or all; calls that hang go on. @returns those that were there. @throws FaultError FAULT_UNKNOWN */
  healApi(name?: string, signal?: AbortSignal): Promise<readonly ActiveFault[]> {
    return this.#json({ method: 'DELETE', path: `/cloud/faults${name === undefined ? '' : `/${encodeURIComponent(name)}`}`, signal });
  }

  /** Breaks something. @throws FaultError of `sandbox/faults` */
  break(request: FaultInput, signal?: AbortSignal): Promise<FaultStatus> {
    return this.#json({ method: 'POST', path: '/faults', body: request, timeoutMs: 120_000, signal });
  }

  /** What is broken now. */
  faults(signal?: AbortSignal): Promise<readonly FaultStatus[]> {
    return this.#json({ method: 'GET', path: '/faults', timeoutMs: 120_000, signal });
  }

  /** Heals one fault, or all, the last first. @throws FaultError FAULT_UNKNOWN, FAULT_NOT_HEALED */
  heal(id?: string, signal?: AbortSignal): Promise<readonly HealedFault[]> {
    return this.#json({ method: 'DELETE', path: `/faults${id === undefined ? '' : `/${encodeURIComponent(id)}`}`, timeoutMs: 120_000, signal });
  }

  /** Asks the world to end; it has ended when its process is gone. */
  async stop(signal?: AbortSignal): Promise<void> {
    await this.#call({ method: 'POST', path: '/stop', body: {}, signal });
  }

  async #json<T>(call: Call): Promise<T> {
    return JSON.parse(await this.#call(call)) as T;
  }

  async #call(call: Call): Promise<string> {
    try {
      return await this.#send(call);
    } catch (error) {
      const { code } = (error as Error).cause as NodeJS.ErrnoException | undefined ?? {};
      if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error;
      const lastWords = await readFailure(this.#paths.failure);
      throw new WorldError('WORLD_NOT_RUNNING', lastWords ? `the world ended: ${lastWords.message}; "keelson up" starts a new one, ${this.#paths.log} tells more` : 'no world runs; start it with "keelson up"', { cause: error });
    }
  }

  #send({ method, path, body, timeoutMs = defaultTimeoutMs, signal }: Call): Promise<string> {
    const deadline = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) };
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => { reject(new WorldError('WORLD_FAILED', `${method} ${path}: ${error.message}`, { cause: error })); };
      const outgoing = request({ socketPath: this.#paths.control, method, path, headers, signal: deadline, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; }).on('error', failed);
        response.on('end', () => {
          if ((response.statusCode ?? 500) < 300) resolve(text);
          else reject(failureOf(text, path, `${method} ${path}: status ${response.statusCode}`));
        });
      });
      outgoing.on('error', failed).end(payload);
    });
  }
}

function failureOf(text: string, path: string, otherwise: string): WorldError | FaultError | ApiFaultError {
  try {
    const { code, message } = JSON.parse(text) as ControlFailure;
    if (code.startsWith('FAULT_')) return path.startsWith('/cloud/') ? new ApiFaultError(code as ApiFaultErrorCode, message) : new FaultError(code as FaultErrorCode, message);
    return new WorldError(code as WorldErrorCode, message);
  } catch {
    return new WorldError('WORLD_FAILED', otherwise);
  }
}

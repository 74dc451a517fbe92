/** The one request to Prometheus: a deadline over all of it, a limit on its size, and nothing of the caller's but how long it waits. */
import { Agent, request, type IncomingMessage } from 'node:http';
import { FederationError } from './errors.ts';
import { federationSelector } from './query.ts';

export interface UpstreamOptions {
  /** Base URL of the Prometheus, http only: it is in the same namespace. */
  readonly url: URL;
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
}

export class Upstream {
  readonly #options: UpstreamOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  /** The family in the text format, whole lines only. @throws FederationError for every failure */
  async federate(signal: AbortSignal, withinMs = Infinity): Promise<Buffer> {
    const { url } = this.#options;
    const timeoutMs = Math.min(this.#options.timeoutMs, withinMs);
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const response = await this.#send(AbortSignal.any([signal, deadline]));
      const body = await this.#read(response);
      if (response.statusCode !== 200) throw new FederationError('upstream_status', `${url.host} answered ${response.statusCode}: ${body.subarray(0, 200).toString()}`);
      return body;
    } catch (error) {
      if (error instanceof FederationError) throw error;
      if (deadline.aborted) throw new FederationError('upstream_timeout', `${url.host} did not answer within ${timeoutMs} ms; is it overloaded?`, { cause: error });
      throw new FederationError('upstream_unreachable', `${url.host}: ${error instanceof Error ? error.message : String(error)}; does the Prometheus run?`, { cause: error });
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(signal: AbortSignal): Promise<IncomingMessage> {
    const target = new URL(`federate?${new URLSearchParams({ 'match[]': federationSelector }).toString()}`, this.#options.url);
    return new Promise((resolve, reject) => {
      request(target, { agent: this.#agent, signal, headers: { accept: 'text/plain;version=0.0.4', 'accept-encoding': 'identity' } }, resolve).on('error', reject).end();
    });
  }

  /** Reads up to the limit; the connection of a longer answer is closed. */
  async #read(response: IncomingMessage): Promise<Buffer> {
    const { url, maxBodyBytes } = this.#options;
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of response as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > maxBodyBytes) {
        throw new FederationError('too_large', `${url.host} sends more than ${maxBodyBytes} bytes of ${federationSelector}; find the rule that records too many series`);
      }
      parts.push(part);
    }
    return Buffer.concat(parts);
  }
}

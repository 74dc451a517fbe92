/** A real HTTP receiver of Alertmanager's webhooks: what a person was told, and how often. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Told {
  readonly status: 'firing' | 'resolved';
  readonly at: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Message {
  readonly alerts: readonly { readonly status: 'firing' | 'resolved'; readonly labels: Record<string, string>; readonly annotations: Record<string, string> }[];
}

export class Receiver {
  readonly told: Told[] = [];
  /** When messages came in which a page fired: a phone that rings. */
  readonly #rings: number[] = [];
  #server: Server | undefined;

  async start(): Promise<string> {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString())).on('end', () => {
        const at = Date.now();
        const { alerts } = JSON.parse(body || '{"alerts":[]}') as Message;
        if (alerts.some(({ status, labels }) => status === 'firing' && labels['severity'] === 'page')) this.#rings.push(at);
        for (const alert of alerts) this.told.push({ ...alert, at });
        response.end();
      });
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  /** Of alerts that reach a person; a dead man's switch is not one. */
  of(alertname: string, cluster: string, status: Told['status']): Told[] {
    return this.told.filter((one) => one.status === status && one.labels['alertname'] === alertname && one.labels['cluster_id'] === cluster);
  }

  pagesSince(at: number): number[] {
    return this.#rings.filter((rung) => rung >= at);
  }

  /** Alert and cluster of all that fired since a moment, sorted, each as often as it came. */
  firedSince(at: number): string[] {
    return this.told.filter((one) => one.status === 'firing' && one.at >= at && one.labels['severity'] === 'page').map(({ labels }) => `${labels['alertname']} ${labels['cluster_id']}`).sort();
  }
}

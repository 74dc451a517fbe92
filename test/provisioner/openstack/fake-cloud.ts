/** A Keystone and one service whose answers a test scripts. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Session, type SessionOptions } from '../../../provisioner/openstack/index.ts';

export type Answerer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface FakeCloud {
  readonly url: string;
  /** `POST /v3/auth/tokens`, `GET /thing` … in order. */
  readonly requests: string[];
  readonly tokens: string[];
  /** What the service answers; logging in works unless `login` is set too. */
  answer: Answerer;
  login: Answerer;
  session(options?: Partial<SessionOptions>): Session;
  stop(): Promise<void>;
}

export const secret = 'the-secret-of-the-credential';

export async function startFakeCloud(): Promise<FakeCloud> {
  const sessions: Session[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => { body += chunk.toString(); });
    request.on('end', () => {
      cloud.requests.push(`${request.method} ${request.url}`);
      (request.url === '/v3/auth/tokens' ? cloud.login : cloud.answer)(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cloud: FakeCloud = {
    url, requests: [], tokens: [],
    answer: (_, response) => json(response, 200, {}),
    login: (_, response) => {
      const token = `gAAAAABtoken-number-${cloud.tokens.length + 1}`;
      cloud.tokens.push(token);
      json(response, 201, tokenBody(url), { 'x-subject-token': token });
    },
    session: (options = {}) => {
      const session = new Session({
        cloud: { auth: { auth_url: `${url}/v3`, application_credential_id: 'id', application_credential_secret: secret }, region_name: 'RegionOne' },
        userAgent: 'test', random: () => 0, clock: { now: () => Date.now(), sleep: () => Promise.resolve() }, ...options,
      });
      sessions.push(session);
      return session;
    },
    stop: async () => {
      for (const session of sessions) session.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return cloud;
}

export function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function tokenBody(url: string, expiresAt = '2999-01-01T00:00:00.000000Z'): object {
  const endpoint = (region: string, one: string) => ({ interface: one, region, url: `${url}/${region}-${one}` });
  return { token: {
    expires_at: expiresAt, user: { id: 'u', name: 'user' }, project: { id: 'p', name: 'project' },
    catalog: [{ type: 'network', endpoints: [endpoint('RegionTwo', 'public'), endpoint('RegionOne', 'internal'), endpoint('RegionOne', 'public')] }],
  } };
}

/** Serves the console: `/` the page, `/cloud.json` the same as data. Reading only. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { consolePage } from './page.ts';
import type { CloudPicture } from './picture.ts';

export function consoleServer(picture: () => CloudPicture): Server {
  return createServer((request, response) => {
    request.resume();
    const path = (request.url ?? '/').split('?')[0];
    if (!isOwnName(request)) plain(response, 403, 'Ask for the console by its address.');
    else if (request.method !== 'GET' && request.method !== 'HEAD') plain(response.setHeader('allow', 'GET, HEAD'), 405, 'The console only shows.');
    else if (path === '/') page(request, response, picture());
    else if (path === '/cloud.json') send(request, response, 'application/json', JSON.stringify(picture()));
    else plain(response, 404, 'There is only / and /cloud.json.');
  });
}

/** A name that someone else's DNS points here is refused: a web page elsewhere could read the console through the user's browser (DNS rebinding). */
function isOwnName({ headers }: IncomingMessage): boolean {
  const host = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return host === 'localhost' || isIP(host) !== 0;
}

function page(request: IncomingMessage, response: ServerResponse, picture: CloudPicture): void {
  const nonce = randomBytes(12).toString('base64url');
  response.setHeader('content-security-policy', `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`);
  send(request, response, 'text/html; charset=utf-8', consolePage(picture, nonce));
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }).end(`${text}\n`);
}

function send(request: IncomingMessage, response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, {
    'content-type': type, 'content-length': Buffer.byteLength(text), 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer',
  }).end(request.method === 'HEAD' ? undefined : text);
}

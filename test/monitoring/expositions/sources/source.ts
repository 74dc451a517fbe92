/** Where expositions are recorded from. */
import { request } from 'node:https';

/** A program that ran, and what it answered. */
export interface Recorded {
  readonly component: string;
  readonly version: string;
  readonly text: string;
}

/** Starts what it needs, waits until it has something to show, and takes it down again. @param folder for its files */
export type Source = (folder: string) => Promise<readonly Recorded[]>;

export async function read(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { headers: { accept: 'text/plain; version=0.0.4', ...headers }, signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  return response.text();
}

/** Of programs that sign their certificates themselves. */
export async function readSelfSigned(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { rejectUnauthorized: false, timeout: 5000 }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString())).on('end', () => resolve(text));
    }).on('error', reject).end();
  });
}

/** @throws Error that names what was waited for */
export async function eventually<T>(what: string, attempt: () => Promise<T | undefined>, seconds = 90): Promise<T> {
  const endsAt = Date.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    const found = await attempt().catch((error: unknown) => void (last = error));
    if (found !== undefined) return found;
    if (Date.now() > endsAt) throw new Error(`not within ${seconds} s: ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Until a family is there. */
export const showing = (what: string, family: string, ask: () => Promise<string>): Promise<string> =>
  eventually(`${family} of ${what}`, async () => {
    const text = await ask();
    return new RegExp(`^${family}[{ ]`, 'm').test(text) ? text : undefined;
  });

/** The pages at the pager, as plain data. */
import type { Page, PagesAnswer } from '../pager/index.ts';
import { worldOf, type FleetContext } from './context.ts';
import { FleetError } from './errors.ts';
import type { PageStatus } from './fleet-status.ts';

/** Address of the pager for the user's shell. @throws FleetError FLEET_NOT_RUNNING, WorldError */
export async function pagerAddress(context: FleetContext): Promise<string> {
  const { relays } = await worldOf(context).status(context.signal);
  const relay = relays.find((r) => r.name === 'pager');
  if (!relay) throw new FleetError('FLEET_NOT_RUNNING', 'the world has no relay to its pager; run "keelson up"');
  return `http://${relay.address}`;
}

export async function readPages(address: string, signal: AbortSignal): Promise<readonly Page[]> {
  const response = await fetch(`${address}/api/pages`, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) });
  return ((await response.json()) as PagesAnswer).pages;
}

/** Whether an alert has paged and is in this state: firing while one of its pages goes on, resolved when none does any more. */
export function isPage(alert: string, state: Page['state'], pages: readonly Pick<Page, 'alert' | 'state'>[]): boolean {
  const own = pages.filter((page) => page.alert === alert);
  return own.length > 0 && own.some((page) => page.state === 'firing') === (state === 'firing');
}

/** For the screen: no pages where the pager cannot be asked. */
export async function pagesOf(address: string | undefined, signal: AbortSignal): Promise<PageStatus[]> {
  if (address === undefined) return [];
  const pages = await readPages(address, signal).catch(() => []);
  return pages.map((page) => ({
    alert: page.alert, cluster: page.cluster, severity: page.severity, state: page.state, summary: page.summary,
    ...(page.runbook === undefined ? {} : { runbook: page.runbook.startsWith('/') ? `${address}${page.runbook}` : page.runbook }),
  }));
}

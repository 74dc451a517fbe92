/** Around the tests of a fleet: it ends with them, and the machine is then as it was before. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll } from '@jest/globals';
import { hostManifest, manifestChanges } from './host-manifest.ts';
import type { Keelson } from './keelson.ts';

/** Registers the hooks, before any other of the suite. Files, routes, firewall, kernel settings, control groups, mounts, processes: what differs fails the suite. */
export function onUntouchedMachine(keelson: Keelson): void {
  let before: readonly string[] = [];

  beforeAll(async () => {
    before = await hostManifest(keelson.state);
    if (before.length < 10_000) throw new Error(`only ${before.length} lines of the machine were seen`);
  }, 120_000);

  afterAll(async () => {
    await keelson.run(['down']);
    const changes = manifestChanges(before, await hostManifest(keelson.state));
    await rm(keelson.stateHome, { recursive: true, force: true });
    if (changes.length > 0) throw new Error(`the machine is not as it was before the fleet:\n${changes.slice(0, 50).join('\n')}`);
  }, 300_000);
}

/**
 * What is broken on disks of servers and in the cloud's records outlasts a world that is killed, so the knowledge of how to undo it has to
 * outlast it, too: `faults.json` in the run folder. What else is broken (rules, devices, frozen processes) ends with the world.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { faultRequest } from './request.ts';

const server = z.strictObject({ id: z.string(), name: z.string() });

/** Where a forged certificate stands. */
const place = z.discriminatedUnion('kind', [
  /** `changedAt`: seconds since the epoch, as stat(1) writes them. */
  z.strictObject({ kind: z.literal('file'), server, path: z.string(), changedAt: z.string() }),
  /** `plane`: the control plane through which the Secret is reached. */
  z.strictObject({ kind: z.literal('secret'), plane: server, cluster: z.string().optional(), namespace: z.string(), name: z.string() }),
]);

const remains = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('off'), server }),
  z.strictObject({ kind: z.literal('certificate'), place, before: z.string(), forged: z.string(), isSignedByIssuer: z.boolean() }),
]);

const kept = z.array(z.strictObject({
  id: z.string(), request: faultRequest, remains,
  /** RFC 3339, both. */
  since: z.string(), until: z.string().optional(),
}));

export type Remains = z.infer<typeof remains>;
export type CertificatePlace = z.infer<typeof place>;
export type KeptFault = z.infer<typeof kept>[number];

/** Faults of a world that was killed. @throws what is wrong with the file, when it is there and cannot be read */
export function readKept(file: string): KeptFault[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return kept.parse(JSON.parse(text));
}

/** Whole or not at all. Only for its owner: what is in front of a certificate in a file may be its key. */
export function writeKept(file: string, faults: readonly KeptFault[]): void {
  if (faults.length === 0) return rmSync(file, { force: true });
  const draft = `${file}.new`;
  writeFileSync(draft, JSON.stringify(faults), { mode: 0o600 });
  renameSync(draft, file);
}

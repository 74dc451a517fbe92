/**
 * `clouds.yaml` of the world: the only place where the secrets of the simulated cloud's first users are kept in the clear (mode 0600; the cloud
 * itself keeps hashes). Written before the cloud keeps its first record, so that a world which starts again finds both or neither.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { cloudsOf, defaultSeed, type Seed } from '../openstack/index.ts';

const secrets = z.object({
  clouds: z.object({
    keelson: z.object({ auth: z.object({ application_credential_id: z.string().min(1), application_credential_secret: z.string().min(1) }) }),
    'keelson-password': z.object({ auth: z.object({ password: z.string().min(1) }) }),
    admin: z.object({ auth: z.object({ password: z.string().min(1) }) }),
  }),
});

/** The seed with the secrets of the file; with new ones when there is no such file, or it does not hold them. */
export async function seedWithSecretsOf(file: string): Promise<Seed> {
  const seed = defaultSeed();
  const text = await readFile(file, 'utf8').catch(() => '');
  const { data } = secrets.safeParse(parsed(text));
  if (!data) return seed;
  const { keelson, 'keelson-password': user, admin } = data.clouds;
  return {
    ...seed,
    user: { ...seed.user, password: user.auth.password },
    admin: { ...seed.admin, password: admin.auth.password },
    applicationCredential: { ...seed.applicationCredential, id: keelson.auth.application_credential_id, secret: keelson.auth.application_credential_secret },
  };
}

/** Whole or not at all. `openstack` is the entry that users and charts name: a user with a password, because an application credential may not make those of clusters. */
export async function writeCloudsFile(file: string, seed: Seed, authUrl: string): Promise<void> {
  const { clouds } = cloudsOf(seed, authUrl);
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, stringify({ clouds: { openstack: clouds['keelson-password'], ...clouds } }, { aliasDuplicateObjects: false }), { mode: 0o600 });
  await rename(draft, file);
}

function parsed(text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch {
    return undefined;
  }
}

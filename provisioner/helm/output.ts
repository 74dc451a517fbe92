/** What we read of Helm's JSON. Only these fields: a release also carries its chart and values, which hold secrets and stay unparsed. */
import { z } from 'zod';
import { HelmError } from './errors.ts';
import { objectsOf } from './manifest.ts';

/** States of a release (helm.sh/helm/v4/pkg/release/common/status.go). */
export const releaseStatus = z.enum([
  'unknown', 'deployed', 'uninstalled', 'superseded', 'failed', 'uninstalling', 'pending-install', 'pending-upgrade', 'pending-rollback',
]);
export type ReleaseStatus = z.infer<typeof releaseStatus>;

const release = z.object({
  name: z.string(),
  namespace: z.string(),
  version: z.number().int(),
  manifest: z.string().default(''),
  info: z.object({
    status: releaseStatus,
    description: z.string().default(''),
    last_deployed: z.iso.datetime({ offset: true }).optional(),
  }),
}).transform((r) => ({
  name: r.name,
  namespace: r.namespace,
  /** Counts up with every install, upgrade and rollback. */
  revision: r.version,
  status: r.info.status,
  description: r.info.description,
  lastDeployed: r.info.last_deployed === undefined ? undefined : new Date(r.info.last_deployed),
  /** What the manifest holds, by reference; the objects themselves may hold secrets. */
  objects: objectsOf(r.manifest, r.namespace),
}));
/** One revision of a release as it stands in the cluster. */
export type Release = Readonly<z.infer<typeof release>>;

const listed = z.object({
  name: z.string(), namespace: z.string(), revision: z.coerce.number().int(), status: releaseStatus, chart: z.string(), app_version: z.string(),
}).transform(({ app_version, ...rest }) => ({ ...rest, appVersion: app_version }));
/** A line of `helm list`; `chart` is name and version joined by a dash. */
export type ListedRelease = Readonly<z.infer<typeof listed>>;

const revision = z.object({ revision: z.number().int(), status: releaseStatus, description: z.string().default('') });
/** A line of `helm history`. */
export type Revision = Readonly<z.infer<typeof revision>>;

export const releaseOutput = release;
export const manifestOutput = z.object({ manifest: z.string().default('') });
export const listOutput = z.array(listed);
export const historyOutput = z.array(revision);

/** @throws {HelmError} HELM_OUTPUT_INVALID; the output itself is never quoted */
export function parseOutput<T>(schema: z.ZodType<T>, stdout: string, what: string): T {
  let json: unknown;
  try {
    json = JSON.parse(stdout);
  } catch (cause) {
    throw new HelmError('HELM_OUTPUT_INVALID', `${what}: Helm did not print JSON; is it version 4?`, { cause: new SyntaxError(cause instanceof Error ? cause.name : 'not JSON') });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const paths = parsed.error.issues.map((i) => i.path.join('.')).join(', ');
  throw new HelmError('HELM_OUTPUT_INVALID', `${what}: Helm printed unexpected JSON (at ${paths}); is it version 4?`);
}

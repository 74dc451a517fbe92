/** Helm's own record of a release, read and, where a killed Helm left it locked, unlocked. */
import { readRecord, recordName, recordSelector, type ReleaseRecord, stillPending, withStatus } from '../../helm/index.ts';
import { type KubeClient, type KubeObject, resources } from '../../kube/index.ts';

interface RecordSecret extends KubeObject {
  readonly data?: { readonly release?: string };
}

interface ReleaseAt {
  readonly release: string;
  readonly namespace: string;
}

/** The newest record; undefined where there is no such release. Those it has superseded, each as large, are not read. @throws {KubeError} @throws {HelmError} HELM_OUTPUT_INVALID */
export async function newestRecord(client: KubeClient, { release, namespace }: ReleaseAt, signal?: AbortSignal): Promise<ReleaseRecord | undefined> {
  const { items } = await client.list<RecordSecret>(resources.secrets, { namespace, labelSelector: `${recordSelector(release)},status!=superseded`, signal });
  const revision = (secret: RecordSecret): number => Number(secret.metadata.labels?.['version'] ?? 0);
  const newest = items.toSorted((a, b) => revision(b) - revision(a))[0];
  return newest?.data?.release === undefined ? undefined : readRecord(newest.data.release);
}

/** The record of one revision; undefined where Helm has dropped it. @throws {KubeError} @throws {HelmError} HELM_OUTPUT_INVALID */
export async function recordOf(client: KubeClient, { release, namespace }: ReleaseAt, revision: number, signal?: AbortSignal): Promise<ReleaseRecord | undefined> {
  const secret = await client.get<RecordSecret>(resources.secrets, { namespace, name: recordName(release, revision) }, { signal });
  return secret?.data?.release === undefined ? undefined : readRecord(secret.data.release);
}

/**
 * Marks a revision as failed that a killed Helm left pending, or an uninstallation that did not end: the next upgrade goes on
 * from there. Nothing in the cluster is touched but the record, so that what runs goes on running.
 * @throws {HelmError} HELM_PENDING while the other Helm may still be at work
 * @throws {KubeError} KUBE_CONFLICT when the record changed meanwhile: the other Helm lives
 */
export async function unlockRelease(client: KubeClient, at: ReleaseAt, o: { readonly now: Date; readonly pendingAfterMs: number; readonly signal?: AbortSignal }): Promise<void> {
  const newest = await newestRecord(client, at, o.signal);
  if (!newest || (!newest.status.startsWith('pending-') && newest.status !== 'uninstalling')) return;
  const ageMs = newest.deployedAt === undefined ? Infinity : o.now.getTime() - newest.deployedAt.getTime();
  if (newest.status !== 'uninstalling' && ageMs < o.pendingAfterMs) throw stillPending(at, newest.status);

  const secret = await client.get<RecordSecret>(resources.secrets, { namespace: at.namespace, name: recordName(at.release, newest.revision) }, { signal: o.signal });
  if (secret?.data?.release === undefined) return;
  const data = { ...secret.data, release: withStatus(secret.data.release, 'failed', `${newest.status} was interrupted; taken up again by Keelson`) };
  const metadata = { ...secret.metadata, labels: { ...secret.metadata.labels, status: 'failed' } };
  await client.replace(resources.secrets, { ...secret, metadata, data }, { signal: o.signal });
}

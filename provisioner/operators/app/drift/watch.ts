/** The comparison of one App as the reconciler uses it: from its release to what its status says. */
import { keyOf } from '../../../kube/index.ts';
import type { AppObject } from '../app-object.ts';
import type { Kinds } from '../kinds.ts';
import type { Place } from '../place.ts';
import { type Known, releaseAt } from '../release-keeper.ts';
import { newestRecord, recordOf } from '../release-record.ts';
import type { StatusChange } from '../status.ts';
import { checkDrift } from './check.ts';
import type { DriftField } from './compare.ts';

/** How many fields stand in the status, and how many of them in the message. */
const shown = { status: 50, message: 5 } as const;

/** Never rejects but for the signal: what kept it from comparing is told as a condition. */
export async function driftOf(app: AppObject, known: Known, o: { readonly place: Place; readonly kinds: Kinds; readonly now: Date; readonly signal: AbortSignal }): Promise<StatusChange> {
  const { place, kinds, now, signal } = o;
  const { correct = false, ignoreManagers = [], ignoreFields = [] } = app.spec.drift ?? {};
  try {
    const client = await place.client();
    const newest = await newestRecord(client, releaseAt(app), signal);
    // Where somebody used Helm by hand, the cluster is still compared with what we had installed.
    const { revision } = known.release;
    const ours = newest?.revision === revision ? newest : await recordOf(client, releaseAt(app), revision, signal);
    const fields = await checkDrift({
      ...releaseAt(app), client, correct, signal, objects: ours?.objects ?? [], meant: { managers: ignoreManagers, fields: ignoreFields },
      resourceOf: (object) => kinds.resourceOf(client, place.key, object, signal),
    });
    return told([...besides(app, known, newest?.revision), ...fields], { correct, now });
  } catch (error) {
    signal.throwIfAborted();
    return { drifted: { status: 'Unknown', reason: 'NotCompared', message: `${keyOf(app.metadata)}: ${error instanceof Error ? error.message : String(error)}` } };
  }
}

/** Somebody used Helm by hand. */
function besides(app: AppObject, known: Known, revision: number | undefined): readonly DriftField[] {
  if (revision === known.release.revision) return [];
  return [{ object: `Helm release ${app.spec.namespace}/${known.release.name}`, field: 'revision', change: revision === undefined ? 'deleted' : 'changed', by: 'helm' }];
}

function told(fields: readonly DriftField[], o: { readonly correct: boolean; readonly now: Date }): StatusChange {
  const drift = { checkedAt: o.now.toISOString().replace(/\.\d+Z$/, 'Z'), total: fields.length, fields: fields.slice(0, shown.status) };
  if (fields.length === 0) return { drift, drifted: { status: 'False', reason: 'InSync', message: 'as the release has it' } };
  const more = fields.length > shown.message ? `; and ${fields.length - shown.message} more` : '';
  const message = `${fields.slice(0, shown.message).map(sentence).join('; ')}${more}`;
  const areAllTakenBack = o.correct && fields.every(({ change }) => change !== 'added');
  return { drift, drifted: areAllTakenBack ? { status: 'False', reason: 'Corrected', message: `taken back: ${message}` } : { status: 'True', reason: 'Changed', message } };
}

function sentence({ object, field, change, by }: DriftField): string {
  if (change === 'deleted') return `${object} is gone`;
  return `${object}: ${field || 'made anew with other immutable fields'} ${change}${by === '' ? '' : ` by ${by}`}`;
}

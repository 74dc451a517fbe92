/** How an Organization is, as conditions: each under a field manager of its own, and an event when it is news. */
import { isDeepStrictEqual } from 'node:util';
import { apiVersion } from '../../api/names.ts';
import type { Organization, Status } from './organization-object.ts';
import { findCondition, isKubeError, type NewCondition, resources, setCondition } from '../../kube/index.ts';
import type { OperatorContext } from '../context.ts';

export interface Report {
  readonly conditions: readonly NewCondition[];
  /** Fields of the status that the same manager owns. */
  readonly status?: Partial<Status>;
  readonly manager: string;
}

/** Nothing is written while nothing changed. */
export async function report(context: OperatorContext, organization: Organization, { conditions, status = {}, manager }: Report, signal: AbortSignal): Promise<void> {
  const { name, uid, generation } = organization.metadata;
  const wanted = conditions.map((condition) => {
    const before = findCondition(organization.status?.conditions, condition.type);
    const [ours] = setCondition(before ? [before] : [], { ...condition, ...(generation === undefined ? {} : { observedGeneration: generation }) }, context.clock);
    return { before, condition, ours };
  });
  const isSame = wanted.every(({ before, ours }) => isDeepStrictEqual(before, ours)) && Object.entries(status).every(([key, value]) => isDeepStrictEqual(value, organization.status?.[key as keyof Status]));
  if (isSame) return;
  const object = { apiVersion, kind: 'Organization', metadata: { name, ...(uid === undefined ? {} : { uid }) }, status: { ...status, conditions: wanted.map(({ ours }) => ours) } };
  try {
    await context.client.apply(resources.organizations, object, { fieldManager: manager, force: true, subresource: 'status', signal });
  } catch (error) {
    // Gone meanwhile, or made anew under the same name: the event of that comes to us too.
    if (isKubeError(error, 'KUBE_NOT_FOUND', 'KUBE_CONFLICT')) return;
    throw error;
  }
  for (const { before, condition } of wanted) {
    if (before?.status === condition.status && before.reason === condition.reason && before.message === condition.message) continue;
    context.events.event(organization, condition.status === 'False' && !isWait(condition.reason) ? 'Warning' : 'Normal', condition.reason, condition.message);
    context.log.info({ organization: name, condition: condition.type, status: condition.status, reason: condition.reason }, condition.message);
  }
}

const isWait = (reason: string): boolean => reason.startsWith('Deleting') || reason === 'NoIdentity';

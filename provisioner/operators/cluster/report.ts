/** How the parts of this room say how a Cluster is: one condition each, under a field manager of its own, and an event when it is news. */
import { apiVersionOf, findCondition, keyOf, type NewCondition, resources, setCondition } from '../../kube/index.ts';
import type { Cluster } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';

/** Nothing is written while nothing changed. */
export async function reportCondition(context: OperatorContext, cluster: Cluster, condition: NewCondition, signal: AbortSignal): Promise<void> {
  const { name, namespace = '', uid, generation } = cluster.metadata;
  const before = findCondition(cluster.status?.conditions, condition.type);
  const [ours] = setCondition(before ? [before] : [], { ...condition, ...(generation === undefined ? {} : { observedGeneration: generation }) }, context.clock);
  if (ours && before?.status === ours.status && before.reason === ours.reason && before.message === ours.message) return;
  const metadata = { name, namespace, ...(uid === undefined ? {} : { uid }) };
  const object = { apiVersion: apiVersionOf(resources.clusters), kind: 'Cluster', metadata, status: { conditions: [ours] } };
  await context.client.apply(resources.clusters, object, { fieldManager: fieldManagerOf(condition.type), force: true, subresource: 'status', signal });
  context.events.event(cluster, condition.status === 'False' && !isWait(condition.reason) ? 'Warning' : 'Normal', condition.reason, condition.message);
  context.log.info({ cluster: keyOf(cluster.metadata), condition: condition.type, status: condition.status, reason: condition.reason }, condition.message);
}

/** "keelson.dev/CloudCleaned" → "keelson-CloudCleaned": conditions of one manager that an apply does not name would be removed. */
const fieldManagerOf = (type: string): string => type.replace('.dev/', '-');
const isWait = (reason: string): boolean => /^(Removing|WaitingFor)/.test(reason);

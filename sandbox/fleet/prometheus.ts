/** Instant queries to the management cluster's Prometheus, through its API server. */
import { z } from 'zod';
import type { KubeClient } from '../../provisioner/kube/index.ts';
import { FleetError } from './errors.ts';

/** https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries */
const answer = z.object({
  status: z.literal('success'),
  data: z.object({ resultType: z.literal('vector'), result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })) }),
});

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The Service that prometheus-operator keeps for its Prometheus. */
const proxy = '/api/v1/namespaces/keelson-system/services/prometheus-operated:web/proxy';

/** @throws FleetError FLEET_PHASE_FAILED when Prometheus does not answer with a vector */
export async function query(kube: KubeClient, promql: string, signal: AbortSignal): Promise<Sample[]> {
  const response = await kube.request({ method: 'GET', path: `${proxy}/api/v1/query`, query: { query: promql }, signal });
  const parsed = response.status === 200 ? answer.safeParse(JSON.parse(response.body.toString('utf8'))) : undefined;
  if (!parsed?.success) throw new FleetError('FLEET_PHASE_FAILED', `Prometheus answered ${response.status} to ${promql}: ${response.body.toString('utf8').slice(0, 200)}`);
  return parsed.data.data.result.map((r) => ({ labels: r.metric, value: Number(r.value[1]) }));
}

/** The webhooks' side of HTTPS. What cannot be answered is a 500, which the API server takes for a refusal. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../../kube/log.ts';
import { admissionPaths } from '../admission/organization-webhooks.ts';
import { TopologyError } from '../errors.ts';
import type { ExtensionMetrics } from '../extension/metrics.ts';
import type { Admission } from './admission.ts';
import { type AdmissionRequest, answerTo, readReview, type Refusal } from './review.ts';

export interface AdmissionRouteOptions {
  readonly log: Log;
  readonly metrics: ExtensionMetrics;
  readonly admission?: Admission | undefined;
}

export function admissionRoutes(server: FastifyInstance, o: AdmissionRouteOptions): void {
  const route = (webhook: keyof typeof admissionPaths, judge: (admission: Admission, request: AdmissionRequest) => Promise<Refusal>): void => {
    server.post(admissionPaths[webhook], (request, reply) => respond({ ...o, webhook, judge, request, reply }));
  };
  route('clusters', (admission, request) => admission.cluster(request));
  route('organizations', (admission, request) => admission.organization(request));
}

interface Call extends AdmissionRouteOptions {
  readonly webhook: string;
  readonly judge: (admission: Admission, request: AdmissionRequest) => Promise<Refusal>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function respond({ admission, judge, log, metrics, reply, request, webhook }: Call): Promise<FastifyReply> {
  try {
    const asked = readReview(request.body);
    if (!admission) throw new TopologyError('NO_MANAGEMENT_CLUSTER', 'this extension was started without a management cluster to ask; run it in a pod, or give it --kubeconfig');
    const refusal = await judge(admission, asked);
    metrics.admission(webhook, refusal === undefined ? 'allowed' : 'refused');
    const subject = { webhook, operation: asked.operation, namespace: asked.namespace, name: asked.name };
    if (refusal === undefined) log.debug(subject, 'admitted');
    else log.info({ ...subject, refusal }, 'refused');
    return await reply.send(answerTo(asked.uid, refusal));
  } catch (error) {
    metrics.admission(webhook, 'error');
    log.error({ webhook, err: error }, 'admission: fault');
    const isTheirs = error instanceof TopologyError && error.code === 'REVIEW_INVALID';
    return reply.code(isTheirs ? 400 : 500).send({ message: error instanceof Error ? error.message : String(error) });
  }
}

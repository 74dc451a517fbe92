/** The AdmissionReview of admission.k8s.io/v1, the part that we read and answer. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#webhook-request-and-response */
import { z } from 'zod';
import type { KubeObject } from '../../kube/types.ts';
import { TopologyError } from '../errors.ts';

const review = z.object({
  request: z.object({
    uid: z.string(),
    operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    name: z.string().default(''),
    namespace: z.string().default(''),
    dryRun: z.boolean().default(false),
    object: z.looseObject({}).nullish(),
    oldObject: z.looseObject({}).nullish(),
  }),
});

export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly name: string;
  readonly namespace: string;
  readonly dryRun: boolean;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
}

/** Why a request is refused: what is wrong and what to do; undefined admits it. */
export type Refusal = string | undefined;

/** @throws TopologyError REVIEW_INVALID */
export function readReview(body: unknown): AdmissionRequest {
  const parsed = review.safeParse(body);
  if (!parsed.success) throw new TopologyError('REVIEW_INVALID', `the body is no AdmissionReview of admission.k8s.io/v1: ${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`);
  const { object, oldObject, ...rest } = parsed.data.request;
  return { ...rest, object: (object ?? undefined) as KubeObject | undefined, oldObject: (oldObject ?? undefined) as KubeObject | undefined };
}

export function answerTo(uid: string, refusal: Refusal): object {
  const status = refusal === undefined ? {} : { status: { code: 403, reason: 'Forbidden', message: refusal } };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: refusal === undefined, ...status } };
}

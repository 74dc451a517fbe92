/** The parts of metav1.ObjectMeta and metav1.Condition that our kinds use. */
import { z } from 'zod';

export type ObjectMeta = {
  name: string;
  namespace?: string;
  uid?: string;
  generation?: number;
  resourceVersion?: string;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean }[];
};

/** metav1.Condition, with the bounds of its Go markers. */
export const condition = z.object({
  type: z.string().max(316).describe('What is claimed, in CamelCase.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  reason: z.string().min(1).max(1024).describe('Why, in one CamelCase word.'),
  message: z.string().max(32768).describe('Why, for a person.'),
  lastTransitionTime: z.string().meta({ format: 'date-time' }).describe('When the status last changed.'),
  observedGeneration: z.int().min(0).optional().describe('The generation of the spec this was seen at.'),
});

/** In the status of every kind of ours that is reconciled. */
export const observedGeneration = z.int().min(0).optional().describe('The generation of the spec that was last acted on.');

/** A list of conditions, merged by type. */
export const conditions = z.array(condition).optional().meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] });

/** The type of a status as the API server's clients type it: a field of a condition that is absent is not there. */
export type StatusOf<Schema extends z.ZodType> = Omit<z.output<Schema>, 'conditions'> & { conditions?: StatusCondition[] };
type StatusCondition = { type: string; status: 'True' | 'False' | 'Unknown'; reason: string; message: string; lastTransitionTime: string; observedGeneration?: number };

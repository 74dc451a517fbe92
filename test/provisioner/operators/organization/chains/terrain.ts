/** What a search is about: where somebody could do something, what nobody may reach there, and who would act for them. */
import type { Goal } from './goals.ts';
import type { Step } from './steps.ts';

export interface Terrain {
  readonly namespaces: readonly string[];
  readonly goals: readonly Goal[];
  /** Objects on which somebody mightier acts. */
  readonly deputies: readonly Step[];
  /** Of a ClusterRole that joins a role of tenants. */
  readonly aggregationLabel: string;
  /** Namespaces whose pods the holder runs by design: a pod may mount every Secret beside it. */
  readonly pods: readonly string[];
}

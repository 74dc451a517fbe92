/** A runbook as data, so that every page has the same parts in the same order, and its commands can be checked. */

/** What is asked, and the command that answers it; `<…>` stands for a label of the alert or a name that an earlier command gave. */
export type Look = readonly [question: string, command: string];
/** What is seen, and what to do then. */
export type Remedy = readonly [seen: string, remedy: string];

export interface Runbook {
  /** Name of the alert. */
  readonly alert: string;
  /** What is the case when it fires, in one or two sentences. */
  readonly meaning: string;
  /** What breaks, for whom, and what breaks next. */
  readonly impact: string;
  /** Where the commands are typed; default: in the cluster that the alert names. */
  readonly at?: 'cluster' | 'management';
  readonly confirm: readonly Look[];
  readonly fix: readonly Remedy[];
  readonly prevent: string;
  /** When somebody else is needed, and whom; that of its file's area when absent. */
  readonly escalate?: string;
}

/** One thing that is wrong, as a pod concludes it. */
import type { VerdictName } from '../catalogue.ts';

export interface Finding {
  readonly verdict: VerdictName;
  /** Node, zone, service or server; which of them says the catalogue. */
  readonly subject: string;
  /** One of the verdict's details, or empty. */
  readonly detail: string;
}

export const finding = (verdict: VerdictName, subject: string, detail = ''): Finding => ({ verdict, subject, detail });

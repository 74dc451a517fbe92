/** What was found in the bytes of one file or key. */
import type { SkipReason } from '../catalogue.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { Crl } from '../x509/crl.ts';

export interface Found {
  readonly certificates: readonly Certificate[];
  readonly crls: readonly Crl[];
  /** One entry per part that could not be read. */
  readonly problems: readonly SkipReason[];
  /** Files that a kubeconfig names instead of holding their content. */
  readonly references?: readonly string[];
}

export const nothing: Found = { certificates: [], crls: [], problems: [] };

export const problem = (reason: SkipReason): Found => ({ ...nothing, problems: [reason] });

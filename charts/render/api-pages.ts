/** Reference pages of what `provisioner/api` defines. */
import type { Files } from './plan.ts';

/** File name in docs/reference → content. */
export function apiPages(): Files {
  return {};
}

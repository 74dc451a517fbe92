/** Values of the chart policies; each part has a file of its own. */
import { z } from 'zod';
import { networkValues } from './network-values.ts';
import { podsValues } from './pods-values.ts';
import { tenancyValues } from './tenancy-values.ts';

export const values = z.object({
  pods: podsValues,
  network: networkValues,
  tenancy: tenancyValues,
});

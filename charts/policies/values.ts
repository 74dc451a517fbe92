/** Values of the chart policies; each part has a file of its own. */
import { z } from 'zod';
import { networkValues } from './network-values.ts';
import { tenancyValues } from './tenancy-values.ts';

export const values = z.object({
  network: networkValues,
  tenancy: tenancyValues,
});

/** What the chart takes from the sources of policies/*. */
import { networkTemplates } from './network-templates.ts';
import { tenancyTemplates } from './tenancy-templates.ts';

export const derived = (): Record<string, string> => ({ ...networkTemplates(), ...tenancyTemplates() });

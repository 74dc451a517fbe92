/** What the chart takes from the sources of policies/*. */
import { networkTemplates } from './network-templates.ts';
import { podsTemplates } from './pods-templates.ts';
import { tenancyTemplates } from './tenancy-templates.ts';

export const derived = (): Record<string, string> => ({ ...podsTemplates(), ...networkTemplates(), ...tenancyTemplates() });

/** What the chart takes from the sources of policies/*. */
import { tenancyTemplates } from './tenancy-templates.ts';

export const derived = (): Record<string, string> => ({ ...tenancyTemplates() });

/** All runbooks that are data. Those on certificates and the network are pages that were written by hand. */
import { controlPlaneRunbooks } from './control-plane.ts';
import { fleetRunbooks } from './fleet.ts';
import type { Runbook } from './model.ts';
import { nodeRunbooks } from './nodes.ts';
import { platformRunbooks } from './platform.ts';

export const runbooks: readonly Runbook[] = [...nodeRunbooks, ...controlPlaneRunbooks, ...platformRunbooks, ...fleetRunbooks];

/**
 * The variables of the class, as openstack-v1 has them: what a user may say about a cluster, with defaults and bounds.
 * Rules in CEL are enforced by Cluster API when a Cluster is created or changed, also in a dry run.
 */
import type { z } from 'zod';
import { api } from './api.ts';
import { bastion } from './bastion.ts';
import { cilium } from './cilium.ts';
import { cloud } from './cloud.ts';
import { controlPlane } from './control-plane.ts';
import { network } from './network.ts';
import { os } from './os.ts';
import { worker } from './worker.ts';

/** The variables by name, as the class publishes them; the control plane must be given, everything else has defaults. */
export const variables = {
  cloud: cloud.prefault({}),
  network: network.prefault({}),
  api: api.prefault({}),
  controlPlane,
  worker: worker.prefault({}),
  bastion: bastion.prefault({}),
  os: os.prefault({}),
  cilium: cilium.prefault({}),
} as const;

export type VariableName = keyof typeof variables;
/** The schemas of one version of the class: they may differ in defaults and bounds, not in what they give. */
export type VariableSchemas = { readonly [Name in VariableName]: z.ZodType<z.output<(typeof variables)[Name]>> };
export type Variables = { readonly [Name in VariableName]: z.output<(typeof variables)[Name]> };
/** What a user writes: defaults may be left out. */
export type VariablesInput = { readonly [Name in VariableName]?: z.input<(typeof variables)[Name]> };

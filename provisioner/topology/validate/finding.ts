/** What a check says: where, what is wrong, what to do. */
import type { Inputs } from '../patches/inputs.ts';

export interface Finding {
  /** Field of the Cluster: "spec.topology.controlPlane.replicas", or of a variable: "network.nodeCidr". */
  readonly path: string;
  readonly message: string;
  readonly fix: string;
}

export type Check = (inputs: Inputs) => readonly Finding[];

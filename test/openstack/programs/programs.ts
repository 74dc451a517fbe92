/** The programs that are recorded, and what they live through. */
import { cinderCsiLife } from './cinder-csi-life.ts';
import { cloudControllerLife } from './cloud-controller-life.ts';
import type { Ground } from './ground.ts';
import type { ProgramName } from './recordings.ts';

export const programs: Readonly<Record<ProgramName, (ground: Ground) => Promise<void>>> = { 'cloud-controller': cloudControllerLife, 'cinder-csi': cinderCsiLife };

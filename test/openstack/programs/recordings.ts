/** Where recordings lie. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedCall } from './recorded-call.ts';

/** The OpenStack cloud controller manager, and the controller of Cinder CSI, both of cloud-provider-openstack 1.36.0. */
export const programNames = ['cloud-controller', 'cinder-csi'] as const;
export type ProgramName = (typeof programNames)[number];

export const recordingFile = (name: ProgramName): string => join(import.meta.dirname, 'recorded', `${name}.json`);
export const kindsFile = (name: ProgramName): string => join(import.meta.dirname, 'recorded', `${name}.kinds.json`);

export const readRecording = (name: ProgramName): RecordedCall[] => JSON.parse(readFileSync(recordingFile(name), 'utf8')) as RecordedCall[];

/** `network GET /v2.0/ports?device_id 200`, in the order of the alphabet. */
export const readKinds = (name: ProgramName): string[] => JSON.parse(readFileSync(kindsFile(name), 'utf8')) as string[];

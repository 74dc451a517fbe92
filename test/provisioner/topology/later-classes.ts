/** Versions of the class that a later release might bring, each with one changed default beside openstack-v1. The list of a release is where they would stand. */
import { type ClassVersion, openstackV1 } from '../../../provisioner/topology/class/versions.ts';
import type { Operation } from '../../../provisioner/topology/patches/operation.ts';

const { patches } = openstackV1;

/** Everything of an answer, with one text for another; throws where there was nothing to change, so that no version is like the one before. */
function replaced(operations: readonly Operation[], was: string, is: string): Operation[] {
  const text = JSON.stringify(operations);
  if (!text.includes(was)) throw new Error(`nothing says ${was}`);
  return JSON.parse(text.replaceAll(was, is)) as Operation[];
}

/** Twice as many processes in a pod of a worker. */
export const withMoreProcesses: ClassVersion = {
  ...openstackV1, name: 'openstack-v2',
  patches: { ...patches, worker: (inputs) => replaced(patches.worker(inputs), '\\"podPidsLimit\\": 4096', '\\"podPidsLimit\\": 8192') },
};

/** The same, and an etcd that may be half as large. */
export const withSmallerEtcd: ClassVersion = {
  ...withMoreProcesses, name: 'openstack-v3',
  patches: { ...withMoreProcesses.patches, controlPlane: (inputs) => replaced(patches.controlPlane(inputs), `"value":"${8 * 1024 ** 3}"`, `"value":"${4 * 1024 ** 3}"`) },
};

export const withLaterClasses: readonly ClassVersion[] = [openstackV1, withMoreProcesses, withSmallerEtcd];

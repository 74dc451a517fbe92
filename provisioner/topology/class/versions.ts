/**
 * The versions of the class that this release makes. A published one stays as it is: a changed default, argument or order of
 * fields is a new version beside it, with what differs in its own functions and the rest of the one before:
 *
 *   { ...openstackV1, name: 'openstack-v2', patches: { ...openstackV1.patches, worker: … }, samples: { … } }
 *
 * Clusters move from one to another by their classRef; the same extension answers for all.
 */
import { clusterClassName } from '../../api/names.ts';
import { variables, type VariableSchemas } from '../../api/variables/index.ts';
import { kubeadmConfig, kubeadmControlPlane } from '../patches/kubeadm.ts';
import type { Patches } from '../patches/generate.ts';
import { openStackCluster } from '../patches/openstack-cluster.ts';
import { controlPlaneMachine, workerMachine } from '../patches/openstack-machine.ts';
import { samples, type Sample } from '../published/samples.ts';

export interface ClassVersion {
  /** Of the ClusterClass; fits `classNames` of `api/names.ts`. */
  readonly name: string;
  /** Bounds, rules and defaults of its variables. Cluster API writes defaults into a Cluster when it is made: another default is for new Clusters, those that are there keep what they were given. */
  readonly variables: VariableSchemas;
  readonly patches: Patches;
  /** Inputs whose answers are the digest of the version. Another set is another digest: they never change. */
  readonly samples: Readonly<Record<string, Sample>>;
}

export const openstackV1: ClassVersion = {
  name: clusterClassName,
  variables,
  patches: { cluster: openStackCluster, controlPlane: kubeadmControlPlane, controlPlaneMachine, worker: kubeadmConfig, workerMachine },
  samples,
};

/** Oldest first. One goes when no Cluster of it is left anywhere, which only who runs Keelson can know: so none goes. */
export const classVersions: readonly ClassVersion[] = [openstackV1];

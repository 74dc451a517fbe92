/** Variables → OpenStackMachineTemplate of the control plane and of each worker group. */
import { serverGroupName } from '../../api/names.ts';
import { usualServerGroup } from '../../api/variables/fields.ts';
import { blockDevices, type DiskWishes } from '../kubeadm/disks.ts';
import { type Builtin, identityOf, type Inputs } from './inputs.ts';
import { set, type Operation } from './operation.ts';

interface Machine {
  readonly flavor: string;
  readonly image: string;
  readonly sshKey: string | undefined;
  readonly disks: DiskWishes;
  /** Name of the server group, made by the operator; undefined: none. */
  readonly serverGroup: string | undefined;
}

export function controlPlaneMachine({ variables, builtin }: Inputs): Operation[] {
  const { controlPlane, os } = variables;
  return machine({
    flavor: controlPlane.flavor,
    image: controlPlane.image,
    sshKey: os.sshKey,
    disks: controlPlane,
    serverGroup: groupOf(builtin, 'control-plane', controlPlane.serverGroup),
  });
}

/** What the group does not say is as cluster-wide (`inputsOf` merged it), what nobody says is as in the control plane. */
export function workerMachine({ variables, builtin }: Inputs): Operation[] {
  const { worker, controlPlane, os } = variables;
  return machine({
    flavor: worker.flavor ?? controlPlane.flavor,
    image: worker.image ?? controlPlane.image,
    sshKey: os.sshKey,
    disks: { rootVolume: worker.rootVolume, volumes: worker.volumes ?? [] },
    serverGroup: groupOf(builtin, builtin.machineDeployment?.topologyName ?? '', worker.serverGroup ?? usualServerGroup),
  });
}

const groupOf = (builtin: Builtin, group: string, policy: string): string | undefined => (policy === 'none' ? undefined : serverGroupName(identityOf(builtin), group, policy));

function machine({ flavor, image, sshKey, disks, serverGroup }: Machine): Operation[] {
  const fields = {
    flavor,
    image: { filter: { name: image } },
    ...(sshKey === undefined ? {} : { sshKeyName: sshKey }),
    ...blockDevices(disks),
    ...(serverGroup === undefined ? {} : { serverGroup: { filter: { name: serverGroup } } }),
  };
  return Object.entries(fields).map(([field, value]) => set(field, value));
}

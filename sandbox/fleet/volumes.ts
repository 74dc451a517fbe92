/**
 * Volumes of Cinder for pods: asked for at a fleet's first start (`up --volumes`), and there until its end. Their programs are
 * built, the image of Keelson carries the driver's chart, and the bundle leaves neither it nor the snapshot controller out.
 */
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { csiCompanions } from '../images/images.ts';
import { pinOf, type ToolName } from '../tools/pins.ts';
import { managementName, type FleetContext } from './context.ts';
import { FleetError } from './errors.ts';
import { kubeconfigPath } from './places.ts';

/** Built only for fleets with volumes. */
export const volumeTools: readonly ToolName[] = ['cinder-csi-plugin', 'csi-attacher', 'csi-provisioner', 'csi-resizer', 'csi-snapshotter', 'snapshot-controller', 'csi-companion'];

/** In the state folder of a fleet with volumes. */
export const volumesMark = 'volumes';

/**
 * Whether this fleet has volumes; marks it when it is asked to have them.
 * @throws FleetError FLEET_BAD_OPTION for a fleet that was made without: its image of Keelson has no chart of the driver
 */
export async function hasVolumes({ places, shape }: FleetContext): Promise<boolean> {
  const mark = join(places.state, volumesMark);
  if (await exists(mark)) return true;
  if (!shape?.volumes) return false;
  if (await exists(kubeconfigPath(places, managementName))) throw new FleetError('FLEET_BAD_OPTION', '--volumes: this fleet was made without them; "keelson down", then the same command again');
  await mkdir(places.state, { recursive: true });
  await writeFile(mark, '');
  return true;
}

const image = (tool: ToolName): object => ({ image: { tag: `v${pinOf(tool).version}` } });
const companion = ({ repository }: { readonly repository: string }): object => ({ image: { repository, tag: `v${pinOf('csi-companion').version}` } });

/** Values of the driver's chart: the versions that are built here. The driver itself has the chart's own. */
export const driverValues = {
  csi: {
    attacher: image('csi-attacher'), provisioner: image('csi-provisioner'), resizer: image('csi-resizer'), snapshotter: image('csi-snapshotter'),
    nodeDriverRegistrar: companion(csiCompanions.registrar), livenessprobe: companion(csiCompanions.probe),
  },
};

function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

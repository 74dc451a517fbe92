/** Our own images as OCI layouts: the pods of the fleet run from these, never from the checkout. */
import { buildImages } from '../images/build.ts';
import type { FleetContext } from './context.ts';
import type { Phase } from './phases.ts';
import { hasVolumes } from './volumes.ts';

export const imagesPhase: Phase<FleetContext> = {
  name: 'images',
  title: 'Images of Keelson',
  async run(context, step) {
    const { places, signal, environment } = context;
    // Uncompressed: nobody transfers them, and they are built and unpacked in a third of the time.
    const charts = (await hasVolumes(context)) ? { env: environment } : {};
    await buildImages({ repository: places.repository, out: places.images, toolsDir: places.tools, signal, compression: 'none', keepsFormer: true, progress: step, ...charts });
  },
};

/** The world: networks, the simulated OpenStack, the pager; and the doors to them from the user's shell. */
import { startWorld } from '../world/index.ts';
import { openCloud } from './cloud.ts';
import type { FleetContext } from './context.ts';
import { raiseInotifyLimit } from './inotify-limit.ts';
import type { Phase } from './phases.ts';

export const worldPhase: Phase<FleetContext> = {
  name: 'world',
  title: 'Simulated OpenStack',
  async run(context, step) {
    const { places, signal } = context;
    const { client, isNew, isResumed } = await startWorld({ stateFolder: places.state, toolsFolder: places.tools, imagesFolder: places.images, repository: places.repository, signal });
    step(isResumed ? 'goes on where it ended' : isNew ? 'started' : 'runs already');
    const raised = await raiseInotifyLimit(places.state, context.shape);
    if (raised !== undefined) step(raised);
    await openCloud(context, client);
  },
};

import { describeChaos } from './chaos.ts';

describeChaos({ draws: 500, seed: Date.now(), withinMs: 1_200_000 });

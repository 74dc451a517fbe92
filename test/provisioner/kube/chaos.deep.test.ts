import { describeChaos } from './chaos.ts';

describeChaos({ lives: 1, draws: 500, seed: Date.now(), withinMs: 1_200_000 });
describeChaos({ lives: 150, draws: 4, seed: Date.now(), withinMs: 1_800_000 });

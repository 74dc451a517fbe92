import { describeChaos } from './chaos.ts';

describeChaos({ lives: 1, draws: 30, seed: 20260101, withinMs: 240_000 });
describeChaos({ lives: 5, draws: 4, seed: 2123, withinMs: 240_000 });

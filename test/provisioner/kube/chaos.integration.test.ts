import { describeChaos } from './chaos.ts';

describeChaos({ draws: 30, seed: 20260101, withinMs: 240_000 });

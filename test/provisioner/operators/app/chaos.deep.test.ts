import { killedAt } from './chaos-suite.ts';

killedAt(Array.from({ length: 24 }, (_, i) => Math.round(30 + i * 25) / 1000));

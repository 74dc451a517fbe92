import { killedAt } from './chaos-suite.ts';

killedAt([0.12]);

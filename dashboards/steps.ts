/** Thresholds that several boards share. */
import type { Step } from './panel.ts';

export const noneIsGood: readonly Step[] = [{ from: null, color: 'green' }, { from: 1, color: 'orange' }];
export const noneIsVital: readonly Step[] = [{ from: null, color: 'green' }, { from: 1, color: 'red' }];
export const plain: readonly Step[] = [{ from: null, color: 'blue' }];
export const allIsGood: readonly Step[] = [{ from: null, color: 'red' }, { from: 0.5, color: 'orange' }, { from: 1, color: 'green' }];
/** Of something that can be full. */
export const fullness: readonly Step[] = [{ from: null, color: 'green' }, { from: 0.8, color: 'orange' }, { from: 0.95, color: 'red' }];
export const errorRatio: readonly Step[] = [{ from: null, color: 'green' }, { from: 0.001, color: 'yellow' }, { from: 0.01, color: 'orange' }, { from: 0.05, color: 'red' }];

/** All cases by table. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Expected } from './case.ts';
import { controlPlaneCases } from './control-plane.ts';
import { fleetCases } from './fleet.ts';
import { nodeCases } from './nodes.ts';
import { platformCases } from './platform.ts';

export const cases = [...nodeCases, ...controlPlaneCases, ...platformCases, ...fleetCases];

/** Written with UPDATE_EXPECTED=1, read by people before it is committed. */
export const expectedFile = join(import.meta.dirname, 'expected.json');
export const expected = JSON.parse(readFileSync(expectedFile, 'utf8')) as Expected;

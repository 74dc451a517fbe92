/** What a case is. */
import type { Need } from './needs.ts';
import type { Recorder } from './recorder.ts';
import type { Stage } from './stage.ts';

export interface Case {
  /** `network: routers` - also the name of the file that holds what was observed. */
  readonly name: string;
  readonly needs?: readonly Need[];
  run(t: Recorder, stage: Stage): Promise<void>;
}

/** A well-formed id that nothing has. */
export const nobody = '00000000-0000-4000-8000-000000000001';

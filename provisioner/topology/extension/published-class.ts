/** Answers for a class only when its output is the one it was published with. */
import { classOutputSetting } from '../../api/names.ts';
import { classOutput } from '../class/objects.ts';
import type { ClassVersion } from '../class/versions.ts';
import { failure, type Outcome, type TopologyRequest } from './hooks.ts';

export interface PublishedClass {
  /** A failure when this Keelson would answer otherwise than the one that published the class; undefined when all is well. */
  refusal(request: TopologyRequest): Outcome | undefined;
}

/** @param report is told with every request whether the class is the same */
export function publishedClass(version: ClassVersion, report: (name: string, isSame: boolean) => void): PublishedClass {
  const { name } = version;
  const own = classOutput(version);
  return {
    refusal: ({ settings }) => {
      const published = settings?.[classOutputSetting];
      const isSame = published === undefined || published === own;
      report(name, isSame);
      if (isSame) return undefined;
      return failure(
        `this Keelson would make other machines of class ${name} than the one that published it (output ${published.slice(0, 12)}, here ${own.slice(0, 12)}), so nothing is changed. Go back to the former Keelson; clusters move to a newer class by their classRef`,
      );
    },
  };
}

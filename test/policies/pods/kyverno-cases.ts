/** The rendered Kyverno policies beside the evaluator, on upstream's fixtures of one level and version. */
import type { Level } from '../../../policies/pods/check.ts';
import { evaluatorOf } from '../../../policies/pods/evaluate.ts';
import { kyvernoName, kyvernoPolicies } from '../../../policies/pods/render/kyverno.ts';
import { kyvernoApply } from './kyverno.ts';
import { fixtureFolder, fixturesIn } from './oracle.ts';

/** Fixtures on which they differ from the evaluator or from the verdict of their name; how many there were. */
export async function kyvernoDifferences(level: Level, minor: number): Promise<{ readonly count: number; readonly wrong: readonly string[] }> {
  const fixtures = fixturesIn(await fixtureFolder(), (candidate) => candidate === minor).filter((fixture) => fixture.level === level);
  const objects = fixtures.map(({ expected, name, pod }) => ({ ...pod, metadata: { ...pod.metadata, namespace: 'apps', name: `${expected}-${name}`.replaceAll('_', '-') } }));
  const results = await kyvernoApply(kyvernoPolicies({ level: `'${level}'`, minor: String(minor) }), objects);
  const judge = evaluatorOf({ level, version: `v1.${minor}` });
  const wrong = objects.flatMap((object, i) => {
    const verdicts = results.filter((result) => result.resources[0]?.name === object.metadata.name);
    const refused = verdicts.filter((result) => result.result !== 'pass').map((result) => `${result.policy}${result.result === 'fail' ? '' : ` (${result.result})`}`).sort();
    const ours = [...new Set(judge(object).map(({ check }) => kyvernoName(check)))].sort();
    const isRight = verdicts.length === 19 && refused.join() === ours.join() && (fixtures[i]?.expected === 'pass') === (refused.length === 0);
    return isRight ? [] : [`${object.metadata.name}: ${verdicts.length} verdicts, refused by ${refused.join() || 'none'}; ours: ${ours.join() || 'none'}`];
  });
  return { count: fixtures.length, wrong };
}

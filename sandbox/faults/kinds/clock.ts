/** The time server lies: to one cluster, or to everyone. Servers have the machine's clock; what a wrong server shows is who would believe it. */
import { FaultError } from '../errors.ts';
import type { ClockAnswer } from '../ground.ts';
import type { Planner } from '../plan.ts';
import { clusterNamed } from '../targets.ts';

export const clock: Planner<'clock'> = ({ target, how, offsetSeconds }, _id, { ground }) => {
  const cluster = target === undefined ? undefined : clusterNamed(target, ground);
  if (how === 'wrong' && (offsetSeconds === undefined || offsetSeconds === 0)) throw new FaultError('FAULT_BAD_PARAMETER', 'clock: say how wrong, with --offset 5m or --offset -90s');
  if (how !== 'wrong' && offsetSeconds !== undefined) throw new FaultError('FAULT_BAD_PARAMETER', `clock: --offset belongs to --how wrong, not to --how ${how}`);
  const answer: ClockAnswer = how === 'wrong' ? { kind: 'wrong', offsetSeconds: offsetSeconds ?? 0 } : { kind: how };
  const whom = cluster === undefined ? 'everyone' : `cluster ${cluster}`;
  const before = ground.clockCounts();
  return {
    summary: { wrong: `the time server tells ${whom} a time that is ${offsetSeconds} s off`, silent: `the time server does not answer ${whom}`, unsynchronized: `the time server tells ${whom} that it is not synchronized` }[how],
    servers: [],
    apply: () => {
      ground.setClock(cluster, answer);
      return Promise.resolve();
    },
    observe: () => {
      const now = ground.clockCounts();
      return Promise.resolve(how === 'silent' ? `${now.unanswered - before.unanswered} requests unanswered` : `${now.wrong - before.wrong} wrong answers`);
    },
    undo: () => {
      ground.setClock(cluster, undefined);
      return Promise.resolve(undefined);
    },
  };
};

/** What one Alertmanager lacks, has wrongly, and has too much, of the silences that are ours. Pure. */
import type { ListedSilence, NewSilence } from './alertmanager.ts';
import { keyIn, marked } from './mark.ts';
import type { WantedSilence } from './wanted.ts';

export interface Difference {
  readonly put: readonly NewSilence[];
  /** Ids. */
  readonly expire: readonly string[];
}

export function difference(listed: readonly ListedSilence[], wanted: readonly WantedSilence[], now: Date): Difference {
  const ours = Map.groupBy(listed.filter((one) => keyIn(one) !== undefined), (one) => keyIn(one) ?? '');
  const put: NewSilence[] = [];
  const expire: string[] = [];
  for (const want of wanted) {
    // After a time apart two of a pair may both have made it: they agree on which one stays.
    const [kept, ...double] = (ours.get(want.key) ?? []).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    ours.delete(want.key);
    expire.push(...double.map(({ id }) => id));
    if (!kept) put.push(rendered(want, now));
    else if (!isSame(kept, want, now)) put.push({ ...rendered(want, now), id: kept.id });
  }
  return { put, expire: [...expire, ...[...ours.values()].flat().map(({ id }) => id)] };
}

/** Alertmanager begins at once what should have begun before. */
function rendered(want: WantedSilence, now: Date): NewSilence {
  return {
    matchers: want.matchers.map(({ name, operator, value }) => ({ name, value, isRegex: operator.endsWith('~'), isEqual: !operator.startsWith('!') })),
    startsAt: new Date(Math.max(want.startsAt.getTime(), now.getTime())).toISOString(), endsAt: want.endsAt.toISOString(), ...marked(want),
  };
}

function isSame(listed: ListedSilence, want: WantedSilence, now: Date): boolean {
  const { matchers, createdBy, comment } = rendered(want, now);
  const begins = want.startsAt > now ? listed.startsAt.getTime() === want.startsAt.getTime() : listed.startsAt <= now;
  const texts = (list: readonly { readonly name: string; readonly value: string; readonly isRegex: boolean; readonly isEqual?: boolean | undefined }[]): string =>
    list.map(({ name, value, isRegex, isEqual = true }) => JSON.stringify([name, value, isRegex, isEqual])).sort().join();
  return begins && listed.endsAt.getTime() === want.endsAt.getTime() && listed.createdBy === createdBy && listed.comment === comment && texts(listed.matchers) === texts(matchers);
}

/** How a cell looks: a colour for how slow, a sign for what is wrong, so that neither needs the other to be told apart. */
import type { Cell } from './row.ts';

export interface Look {
  /** Fill, as a web colour. */
  readonly colour: string;
  /** Readable on it. */
  readonly ink: string;
  /** Empty where all is well: "×" nothing comes back, "%" loss, "M" large packets are lost. */
  readonly sign: string;
}

/** Upper bounds in seconds; the last colour is for all above. */
export const bounds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1] as const;

/** Cividis (Nuñez, Anderton, Renslow 2018): the same order of brightness for people who do not tell red from green. */
const colours = ['#00224e', '#223c6e', '#44546c', '#61696f', '#7f7f79', '#a29475', '#c8b166', '#fee838'] as const;
/** From this colour on black is read better. */
const inkFrom = 4;

export function colourOf(seconds: number): { readonly colour: string; readonly ink: string } {
  const at = bounds.findIndex((bound) => seconds <= bound);
  const index = at < 0 ? bounds.length : at;
  return { colour: colours[index] ?? colours[7], ink: index >= inkFrom ? '#000' : '#fff' };
}

const lost = { colour: '#fff', ink: '#000' };

/** Loss below this is not marked. */
const markedLoss = 0.01;

export function lookOf({ isUp, roundTrip, loss, largeLoss }: Pick<Cell, 'isUp' | 'roundTrip' | 'loss' | 'largeLoss'>): Look {
  if (!isUp) return { ...lost, sign: '×' };
  const base = roundTrip === null ? lost : colourOf(roundTrip);
  if (largeLoss >= 0.5 && loss < 0.25) return { ...base, sign: 'M' };
  return { ...base, sign: loss >= markedLoss ? '%' : '' };
}

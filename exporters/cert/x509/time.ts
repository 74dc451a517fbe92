/** Times of X.509 (RFC 5280, 4.1.2.5): UTCTime with two digits of the year, pivot 50, and GeneralizedTime with four. */
import { NotDer, tag, type Der } from './der.ts';

/** @returns unix seconds. @throws NotDer on forms that RFC 5280 forbids: without seconds, with an offset, a date that is none */
export function readTime(parent: Der): number {
  const isShort = parent.peek() === tag.utcTime;
  const digits = parent.enter(isShort ? tag.utcTime : tag.generalizedTime).rest();
  const yearDigits = isShort ? 2 : 4;
  if (digits.length !== yearDigits + 11 || digits[digits.length - 1] !== 0x5a) throw new NotDer('a time that does not end with seconds and Z');
  const year = isShort ? expand(number(digits, 0, 2)) : number(digits, 0, 4);
  const [month, day, hour, minute, second] = [0, 2, 4, 6, 8].map((at) => number(digits, yearDigits + at, 2)) as [number, number, number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // Date.UTC reads years below 100 as 19xx
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!isReal) throw new NotDer('a date or time that does not exist');
  return date.getTime() / 1000 + hour * 3600 + minute * 60 + second;
}

const expand = (year: number): number => year + (year < 50 ? 2000 : 1900);

function number(bytes: Buffer, at: number, length: number): number {
  let value = 0;
  for (let i = at; i < at + length; i++) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) throw new NotDer('a time with something else than digits');
    value = value * 10 + digit;
  }
  return value;
}

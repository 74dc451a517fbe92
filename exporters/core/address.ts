/** Listen addresses as Go programs take them: ":9005", "127.0.0.1:9005", "[::1]:9005". */
import { ExporterError } from './errors.ts';

export interface Address {
  /** Undefined: all addresses of both families. */
  readonly host: string | undefined;
  readonly port: number;
}

/** @throws ExporterError ADDRESS_INVALID */
export function parseAddress(text: string): Address {
  const match = /^(?:\[(?<six>[0-9a-f:.]+)\]|(?<four>[^:[\]]*)):(?<port>\d{1,5})$/i.exec(text);
  const port = Number(match?.groups?.['port'] ?? NaN);
  if (!match || !(port <= 65535)) {
    throw new ExporterError('ADDRESS_INVALID', `address "${text}" is not host:port; write for example ":9005" or "[::1]:9005"`);
  }
  return { host: match.groups?.['six'] ?? (match.groups?.['four'] || undefined), port };
}

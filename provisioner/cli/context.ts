/** What a command gets from outside: nothing below main.ts reads the environment or the process. */
import type { WriteStream } from 'node:tty';

export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The checkout, or the folder of the bundle inside an image. */
  readonly repository: string;
  /** Aborts on the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: Pick<WriteStream, 'write' | 'isTTY' | 'columns'>;
  readonly stderr: Pick<WriteStream, 'write' | 'isTTY' | 'columns'>;
  setExitCode(code: 0 | 1 | 2): void;
}

export type OutputFormat = 'table' | 'json' | 'yaml';

export interface OutputOptions {
  readonly output: OutputFormat;
}

/** What the user sees while tools are built: one line per step, or one live line on a terminal. */

export type ToolsProgress =
  /** Families that have to be built, with the estimate for all of them. */
  | { readonly kind: 'plan'; readonly families: readonly string[]; readonly estimateSeconds: number }
  | { readonly kind: 'waiting'; readonly pid: number }
  | { readonly kind: 'damaged'; readonly file: string; readonly reason: string }
  | { readonly kind: 'building'; readonly family: string; readonly index: number; readonly total: number; readonly elapsedSeconds: number; readonly remainingSeconds: number; /** The package or module at work. */ readonly detail: string }
  | { readonly kind: 'retry'; readonly family: string; readonly reason: string; readonly waitSeconds: number }
  | { readonly kind: 'built'; readonly family: string; readonly index: number; readonly total: number; readonly wallSeconds: number; readonly cpuSeconds: number; readonly bytes: number }
  | { readonly kind: 'cleaned'; readonly folder: string };

/** Where lines go: process.stderr, or a test's recorder. */
export interface ProgressOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Writes progress as text. On a terminal `building` events redraw one line; elsewhere only the first of each family is written. */
export function textProgress(output: ProgressOutput): (event: ToolsProgress) => void {
  let family = '';
  let isLineOpen = false;
  return (event) => {
    if (event.kind === 'building') {
      if (output.isTTY) {
        output.write(`\r\x1b[K${fit(describe(event), output.columns ?? 80)}`);
        isLineOpen = true;
      } else if (event.family !== family) {
        output.write(`${describe({ ...event, detail: '' })}\n`);
      }
      family = event.family;
      return;
    }
    output.write(`${isLineOpen ? '\r\x1b[K' : ''}${describe(event)}\n`);
    isLineOpen = false;
  };
}

function describe(event: ToolsProgress): string {
  switch (event.kind) {
    case 'plan':
      return `tools: ${event.families.length} of them have to be built (${event.families.join(', ')}): ${duration(event.estimateSeconds)}, once`;
    case 'waiting':
      return `tools: process ${event.pid} builds them already; waiting for it`;
    case 'damaged':
      return `tools: ${event.file} ${event.reason}; building it again`;
    case 'building':
      return `tools ${event.index}/${event.total}: ${event.family}, ${duration(event.elapsedSeconds)} gone, about ${duration(event.remainingSeconds)} left${event.detail && `, ${event.detail}`}`;
    case 'retry':
      return `tools: ${event.family}: ${event.reason}; trying again in ${duration(event.waitSeconds)}`;
    case 'built':
      return `tools ${event.index}/${event.total}: ${event.family} built in ${duration(event.wallSeconds)} (${Math.round(event.cpuSeconds)} CPU seconds, ${Math.round(event.bytes / 1e6)} MB)`;
    case 'cleaned':
      return `tools: removed the build cache ${event.folder}`;
  }
}

/** "40 s", "3 min 20 s", "1 h 05 min". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

function fit(text: string, columns: number): string {
  return text.length < columns ? text : `${text.slice(0, columns - 2)}…`;
}

/** Progress on stderr: one live line on a terminal, one line per step elsewhere. */
import type { PhaseReport, Progress } from './phases.ts';

export interface Screen {
  readonly isTTY: boolean;
  readonly columns?: number;
  write(text: string): void;
}

/** Shows which phase runs, since when, how long it took last time, and its newest step. */
export function progressOn(screen: Screen, now: () => number): Progress & { close(): void } {
  let head = '';
  let estimate: number | undefined;
  let began = 0;
  let newest = '';
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    const seconds = Math.round((now() - began) / 1000);
    const line = `${head} ${seconds} s${estimate === undefined ? '' : ` of about ${Math.round(estimate)}`}${newest ? `: ${newest}` : ''}`;
    screen.write(`\r\x1b[2K${line.slice(0, (screen.columns ?? 120) - 1)}`);
  };
  const stopTimer = (): void => {
    if (timer) clearInterval(timer);
    timer = undefined;
  };
  return {
    begin(phase) {
      head = `[${phase.index + 1}/${phase.count}] ${phase.title}`;
      estimate = phase.estimateSeconds;
      began = now();
      newest = '';
      if (!screen.isTTY) return screen.write(`${head}${estimate === undefined ? '' : ` (about ${Math.round(estimate)} s)`}\n`);
      draw();
      timer = setInterval(draw, 500);
    },
    step(what) {
      if (what === newest) return;
      newest = what;
      if (screen.isTTY) draw();
      else screen.write(`      ${what}\n`);
    },
    end(report: PhaseReport) {
      stopTimer();
      const mark = report.state === 'done' ? 'done' : 'FAILED';
      const line = `${head}: ${mark} in ${report.seconds.toFixed(1)} s${report.message ? `: ${report.message}` : ''}`;
      screen.write(screen.isTTY ? `\r\x1b[2K${line}\n` : `${line}\n`);
    },
    close: stopTimer,
  };
}

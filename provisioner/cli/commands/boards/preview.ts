/** `keelson boards preview`: every board as it looks with the data of a Prometheus, as one page that needs no Grafana. */
import { writeFile } from 'node:fs/promises';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { fleetBoards, localBoards } from '../../../../dashboards/boards.ts';
import { type Answer, queryOf } from '../../../../dashboards/preview/answer.ts';
import { isRow, previewPage } from '../../../../dashboards/preview/page.ts';
import type { CliContext, OutputFormat } from '../../context.ts';
import { write } from '../../write.ts';
import { ask } from './ask.ts';

export interface PreviewOptions {
  readonly output: OutputFormat;
  /** Of the management cluster; `keelson status` says that of the sandbox. */
  readonly prometheus: string;
  /** Of one cluster, for the boards that show it from inside; they are left out when absent. */
  readonly clusterPrometheus?: string;
  readonly file: string;
  readonly hours: number;
}

/** What became of one query of one panel. */
export interface PanelReport {
  readonly board: string;
  readonly panel: string;
  readonly expr: string;
  readonly series: number;
  /** Why there is nothing: what the panel says then, or what Prometheus refused. */
  readonly reason?: string;
}

export interface PreviewSource {
  readonly boards: readonly Dashboard[];
  readonly prometheus: string;
}

/** Exit code 1 when Prometheus refuses a query. */
export async function boardsPreview(context: CliContext, options: PreviewOptions): Promise<void> {
  const sources: PreviewSource[] = [{ prometheus: withoutSlash(options.prometheus), boards: fleetBoards.map((build) => build()) }];
  if (options.clusterPrometheus) sources.push({ prometheus: withoutSlash(options.clusterPrometheus), boards: localBoards.map((build) => build()) });
  const now = new Date();
  const { page, report } = await draw(sources, { hours: options.hours, now, signal: context.signal });
  await writeFile(options.file, page);
  const refused = report.filter(({ series, reason }) => series < 0 && reason);
  write(context, options.output, report, () => tableOf(report, options.file));
  if (refused.length) context.setExitCode(1);
}

/** Asks every query of every board once, and draws the page. */
export async function draw(sources: readonly PreviewSource[], o: { readonly hours: number; readonly now: Date; readonly signal: AbortSignal }): Promise<{ readonly page: string; readonly report: readonly PanelReport[] }> {
  const answers = new Map<string, Answer>();
  const report: PanelReport[] = [];
  for (const { boards, prometheus } of sources) {
    for (const board of boards) {
      for (const panel of (board.panels ?? []).filter((one): one is Panel => !isRow(one))) {
        for (const target of panel.targets ?? []) {
          const question = queryOf(target);
          const answer = answers.get(question.expr) ?? (await ask(question, { ...o, prometheus }));
          answers.set(question.expr, answer);
          report.push(reportOf(board, panel, { expr: question.expr, answer }));
        }
      }
    }
  }
  const about = `From ${sources.map(({ prometheus }) => prometheus).join(' and ')}, ${o.now.toISOString()}, lines over ${o.hours} h.`;
  return { page: previewPage({ about, boards: sources.flatMap(({ boards }) => boards), answerTo: (expr) => answers.get(expr) }), report };
}

function reportOf(board: Dashboard, panel: Panel, { expr, answer }: { readonly expr: string; readonly answer: Answer }): PanelReport {
  const about = { board: board.uid ?? '', panel: panel.title ?? '', expr };
  if (answer.kind === 'error') return { ...about, series: -1, reason: answer.message };
  return { ...about, series: answer.series.length, ...(answer.series.length ? {} : { reason: panel.fieldConfig?.defaults.noValue ?? 'no data' }) };
}

function tableOf(report: readonly PanelReport[], file: string): string {
  const empty = report.filter(({ reason }) => reason !== undefined);
  return [`${file}: ${report.length} queries, ${report.length - empty.length} with data`, ...empty.map(({ board, panel, reason, series }) => `  ${series < 0 ? 'refused' : 'empty  '} ${board}: ${panel}: ${reason ?? ''}`), ''].join('\n');
}

const withoutSlash = (url: string): string => url.replace(/\/$/, '');

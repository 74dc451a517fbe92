/** The pages as text for a terminal: what `keelson demo` and `keelson status` print. */
import { styleText } from 'node:util';
import { age, firedAt, resolvedAt, type Page } from './page.ts';
import { runbookLink } from './runbooks.ts';

export interface TerminalOptions {
  readonly now: Date;
  /** Where the user reaches the pager, `http://127.0.0.1:9099`: makes links to our runbooks whole. */
  readonly baseUrl: string;
  /** Columns; 80 unless told. Longer summaries are wrapped. */
  readonly width?: number;
  /** Colours, for terminals that want them; without unless told. */
  readonly color?: boolean;
}

const indent = ' '.repeat(10);

/** Lines for the pages, open ones first, each with its age, summary and runbook. @param pages in the order to show */
export function renderTerminal(pages: readonly Page[], options: TerminalOptions): string {
  const open = pages.filter((page) => page.state === 'firing').length;
  const resolved = pages.length - open;
  const headline = `${open === 0 ? 'No open pages' : `${open} open ${open === 1 ? 'page' : 'pages'}`}${resolved === 0 ? '' : `, ${resolved} resolved`}`;
  return [headline, ...pages.map((page) => pageLines(page, options))].join('\n\n');
}

function pageLines(page: Page, options: TerminalOptions): string {
  const end = resolvedAt(page);
  const word = end === undefined ? page.severity.toUpperCase() : 'RESOLVED';
  const paint = end !== undefined ? 'green' : ['critical', 'page'].includes(page.severity) ? 'red' : 'yellow';
  const label = word.padEnd(9);
  const when = end === undefined ? `firing for ${age(firedAt(page), options.now)}` : `after ${age(firedAt(page), new Date(end))}`;
  const link = runbookLink(page.runbook);
  return [
    `${options.color ? styleText(paint, label, { validateStream: false }) : label} ${page.alert}${page.cluster ? `  cluster ${page.cluster}` : ''}  ${when}`,
    ...wrap(page.summary, (options.width ?? 80) - indent.length).map((line) => `${indent}${line}`),
    ...(link === undefined ? [] : [`${indent}Runbook: ${link.startsWith('/') ? `${options.baseUrl}${link}` : link}`]),
  ].join('\n');
}

/** Control characters of foreign text must not reach the terminal. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim().split(/ +/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Public face of the pager. */
export { PagerError, type PagerErrorCode } from './errors.ts';
export type { Episode, Page } from './page.ts';
export { Pager, type PagerOptions, type PagesAnswer } from './pager.ts';
export { renderTerminal, type TerminalOptions } from './terminal.ts';

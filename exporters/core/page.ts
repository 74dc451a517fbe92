/**
 * The page at `/` for a person who opened the port in a browser: what is there, where it comes from, what failed. It
 * works without scripts and outside resources; searching is a form.
 */
import type { SourceState } from './source-health.ts';

export interface PageContent {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  readonly sources: readonly SourceState[];
  /** What was searched for; undefined where there is nothing to search. */
  readonly search?: string;
  /** HTML of the exporter's own, between the heading and the sources. */
  readonly content?: string;
}

/** Complete HTML. */
export function landingPage({ title, version, description, sources, search, content }: PageContent): string {
  const rows = sources.map(({ name, isUp, objects, failure, errors }) =>
    `<tr><td>${escapeHtml(name)}</td><td>${isUp ? 'up' : `<b>down</b> ${escapeHtml(failure ?? '')}`}</td><td>${objects}</td><td>${escapeHtml(summary(errors))}</td></tr>`);
  const form = search === undefined ? '' : `<form><input type="search" name="q" value="${escapeHtml(search)}" aria-label="Search" placeholder="name, path, serial number"> <button>Search</button></form>\n`;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>
<style>${style}</style>
<h1>${escapeHtml(title)} <small>${escapeHtml(version)}</small></h1>
<p>${escapeHtml(description)}</p>
<p><a href="metrics">/metrics</a> <a href="healthz">/healthz</a> <a href="readyz">/readyz</a></p>
${form}${content ?? ''}<h2>Sources</h2>
<table id="sources"><tr><th>source</th><th>state</th><th>objects</th><th>skipped since the start</th></tr>
${rows.join('\n')}
</table></html>
`;
}

const style = [
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}',
  'table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #8884;padding:.3rem 1rem .3rem 0;text-align:left;vertical-align:top;overflow-wrap:anywhere}',
  'meter{width:8rem}input{font:inherit;width:24rem;max-width:100%}button{font:inherit}.late{color:#c00;font-weight:bold}',
].join('');

const summary = (errors: Readonly<Record<string, number>>): string => Object.entries(errors).map(([reason, count]) => `${reason}: ${count}`).join(', ') || 'none';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** The page at `/` for a person who opened the port in a browser: what this is, where its data comes from, what failed. */

export interface SourceState {
  readonly name: string;
  readonly isUp: boolean;
  readonly objects: number;
  /** Reason → how often, since the start. */
  readonly errors: Readonly<Record<string, number>>;
}

export interface PageContent {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  readonly sources: readonly SourceState[];
}

/** Complete HTML without scripts or outside resources. */
export function landingPage({ title, version, description, sources }: PageContent): string {
  const rows = sources.map(({ name, isUp, objects, errors }) =>
    `<tr><td>${escapeHtml(name)}</td><td>${isUp ? 'up' : '<b>down</b>'}</td><td>${objects}</td><td>${escapeHtml(summary(errors))}</td></tr>`);
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:3rem auto;max-width:50rem;padding:0 1rem}table{border-collapse:collapse}td,th{border-bottom:1px solid #ccc;padding:.3rem 1rem .3rem 0;text-align:left}</style>
<h1>${escapeHtml(title)} <small>${escapeHtml(version)}</small></h1>
<p>${escapeHtml(description)}</p>
<p><a href="/metrics">/metrics</a> <a href="/healthz">/healthz</a> <a href="/readyz">/readyz</a></p>
<table><tr><th>source</th><th>state</th><th>objects</th><th>skipped</th></tr>
${rows.join('\n')}
</table></html>
`;
}

const summary = (errors: Readonly<Record<string, number>>): string => Object.entries(errors).map(([reason, count]) => `${reason}: ${count}`).join(', ') || 'none';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

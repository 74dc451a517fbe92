/** The pager's web pages as text: no script library, no font, nothing from elsewhere, readable in light and dark and on a phone. */
import { age, firedAt, resolvedAt, type Page } from './page.ts';
import { runbookLink } from './runbooks.ts';

const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #59636e; --paper: #fff; --line: #d5dae0; --critical: #b42318; --warning: #9a5b00; --good: #1a7f37; --info: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --dim: #9aa4af; --paper: #14171b; --line: #333a42; --critical: #ff7b72; --warning: #e3a33c; --good: #56d364; --info: #79b8ff; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 0; } a { color: var(--info); }
article { border: 1px solid var(--line); border-left: .4rem solid var(--dim); border-radius: .3rem; padding: .7rem 1rem; margin: .8rem 0; }
article.critical, article.page { border-left-color: var(--critical); } article.warning { border-left-color: var(--warning); } article.resolved { border-left-color: var(--good); opacity: .75; }
.severity { font-weight: 600; text-transform: uppercase; font-size: .8rem; letter-spacing: .04em; } .critical .severity, .page .severity { color: var(--critical); } .warning .severity { color: var(--warning); } .resolved .severity { color: var(--good); }
p { margin: .3rem 0; } .dim, details { color: var(--dim); font-size: .9rem; } dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: .3rem 0; } dd { margin: 0; overflow-wrap: anywhere; }
pre, code { font: .9em/1.45 ui-monospace, monospace; } pre { border: 1px solid var(--line); border-radius: .3rem; padding: .7rem; overflow-x: auto; } table { border-collapse: collapse; } td, th { border: 1px solid var(--line); padding: .2rem .6rem; text-align: left; }
`;

/** Fetches the list again whenever the server says that it changed; without script the page reloads itself. */
const script = `
const fill = async () => { const text = await (await fetch('/')).text(); document.querySelector('main').replaceWith(new DOMParser().parseFromString(text, 'text/html').querySelector('main')); };
new EventSource('/events').addEventListener('change', fill); setInterval(fill, 30000);
`;

/** The list of pages, open ones first. @param pages in the order to show @param nonce of the answer's content security policy */
export function pagesHtml(pages: readonly Page[], now: Date, nonce: string): string {
  const open = pages.filter((page) => page.state === 'firing');
  const resolved = pages.filter((page) => page.state === 'resolved');
  return document(open.length === 0 ? 'No open pages' : `${open.length} open`, nonce, `
<main>
<h1>${open.length === 0 ? 'No open pages' : `${open.length} open ${open.length === 1 ? 'page' : 'pages'}`}</h1>
${open.map((page) => pageHtml(page, now)).join('\n')}
${resolved.length === 0 ? '' : `<h1>Resolved</h1>\n${resolved.map((page) => pageHtml(page, now)).join('\n')}`}
<p class="dim">As of ${clockTime(now.toISOString())}. <a href="/runbooks/">All runbooks</a></p>
</main>
<noscript><meta http-equiv="refresh" content="15"></noscript>
<script nonce="${nonce}">${script}</script>`);
}

/** A runbook as a page of the pager. @param body HTML of a file of ours */
export function runbookHtml(runbook: { readonly title: string; readonly html: string }, nonce: string): string {
  return document(runbook.title, nonce, `<p><a href="/">Pages</a> <a href="/runbooks/">Runbooks</a></p>\n<main>\n${runbook.html}\n</main>`);
}

/** What a person sees who followed a dead link. */
export function notFoundHtml(what: string, nonce: string): string {
  return document('Not found', nonce, `<main><h1>Not found</h1><p>${escapeHtml(what)}</p><p><a href="/">All pages</a></p></main>`);
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

function document(title: string, nonce: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)} - Keelson pager</title><style nonce="${nonce}">${style}</style></head>
<body>${body}
</body>
</html>
`;
}

function pageHtml(page: Page, now: Date): string {
  const link = runbookLink(page.runbook);
  const kind = page.state === 'resolved' ? 'resolved' : escapeHtml(page.severity);
  const end = resolvedAt(page);
  const when = end === undefined ? `firing for ${age(firedAt(page), now)}, since ${clockTime(firedAt(page))}` : `resolved ${clockTime(end)} after ${age(firedAt(page), new Date(end))}`;
  return `<article class="${kind}" id="${escapeHtml(page.fingerprint)}">
<p><span class="severity">${end === undefined ? escapeHtml(page.severity) : 'resolved'}</span>${page.cluster ? ` <span class="dim">cluster ${escapeHtml(page.cluster)}</span>` : ''}</p>
<h2>${escapeHtml(page.alert)}</h2>
<p>${escapeHtml(page.summary)}</p>
${link === undefined ? '' : `<p><a href="${escapeHtml(link)}">Runbook</a></p>`}
<p class="dim">${when}</p>
<details><summary>Details</summary>${table({ ...page.labels })}${table(withoutShown(page.annotations))}<p>${page.notifications} ${page.notifications === 1 ? 'notification' : 'notifications'}; fired at ${page.episodes.map((episode) => clockTime(episode.firedAt)).join(', ')}</p></details>
</article>`;
}

function withoutShown(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== 'summary' && name !== 'runbook_url'));
}

function table(entries: Readonly<Record<string, string>>): string {
  const rows = Object.entries(entries).sort(([a], [b]) => a.localeCompare(b));
  return `<dl>${rows.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>`;
}

function clockTime(iso: string): string {
  return `<time datetime="${escapeHtml(iso)}">${escapeHtml(iso.slice(0, 19).replace('T', ' '))} UTC</time>`;
}

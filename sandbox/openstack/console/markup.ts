/** HTML that cannot forget to escape: whatever is put into a template is text, unless it is HTML from another template. */

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Html | readonly Html[];

/** ``html`<p>${name}</p>` `` */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.map((part, i) => (i === 0 ? part : `${written(values[i - 1] ?? '')}${part}`)).join(''));
}

/** @param caption says what the table is, for those who do not see it too @param rows cells of each row; the first is its heading @param whenEmpty instead of a table without rows */
export function table(caption: string, headings: readonly string[], rows: readonly (readonly Value[])[], whenEmpty: string): Html {
  if (rows.length === 0) return html`<p class="dim">${whenEmpty}</p>`;
  return html`<div class="scroll"><table><caption>${caption}</caption>
<thead><tr>${headings.map((heading) => html`<th scope="col">${heading}</th>`)}</tr></thead>
<tbody>${rows.map(([first = '', ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody></table></div>`;
}

function written(value: Value): string {
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map((one) => one.text).join('');
  return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

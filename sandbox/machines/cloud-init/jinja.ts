/**
 * The part of Jinja2 that cloud-init user data uses in practice: `{{ name.of.variable }}`, `| default('x')`, `{# comment #}`,
 * `{% raw %}`. Anything else is refused rather than misread.
 */
import { CloudInitError } from './errors.ts';

const token = /\{#[\s\S]*?#\}|\{%-?\s*raw\s*-?%\}([\s\S]*?)\{%-?\s*endraw\s*-?%\}|\{%[\s\S]*?%\}|\{\{([\s\S]*?)\}\}/g;
const expression = /^-?\s*([A-Za-z_][\w]*(?:\.[A-Za-z_][\w-]*|\[['"][^'"]+['"]\])*)\s*(?:\|\s*default\(\s*(['"])(.*?)\2\s*\)\s*)?-?$/;

/** Throws TEMPLATE for control structures, unknown filters and variables that are not there. */
export function renderTemplate(template: string, variables: Readonly<Record<string, unknown>>): string {
  return template.replace(token, (whole: string, raw: string | undefined, inner: string | undefined) => {
    if (whole.startsWith('{#')) return '';
    if (raw !== undefined) return raw;
    if (inner === undefined) throw new CloudInitError('TEMPLATE', `jinja: ${whole.slice(0, 60)}: control structures are not supported here`);
    return evaluate(inner, variables);
  });
}

function evaluate(inner: string, variables: Readonly<Record<string, unknown>>): string {
  const match = expression.exec(inner.trim());
  if (!match?.[1]) throw new CloudInitError('TEMPLATE', `jinja: {{${inner}}}: not a variable this cloud-init can read`);
  const value = match[1].split(/\.|\[['"]|['"]\]\.?/).filter((part) => part !== '').reduce<unknown>((object, key) => property(object, key), variables);
  if (value !== undefined) return String(value ?? 'None');
  if (match[3] !== undefined) return match[3];
  throw new CloudInitError('TEMPLATE', `jinja: the variable ${match[1]} is not in the instance data`);
}

function property(object: unknown, key: string): unknown {
  return typeof object === 'object' && object !== null && Object.hasOwn(object, key) ? (object as Record<string, unknown>)[key] : undefined;
}

/** Patterns of DNS names in toFQDNs and dns rules (pkg/fqdn/matchpattern of Cilium 1.20; `**.` is new in 1.19). */

const character = '[-a-zA-Z0-9_]';
const matchesEverything = /^\*+\.?$/;

export interface NameSelector {
  readonly matchName?: string | undefined;
  readonly matchPattern?: string | undefined;
}

/** Tests a name without its trailing dot, in any case. */
export function nameMatcher({ matchName, matchPattern }: NameSelector): (name: string) => boolean {
  const expression = new RegExp(matchName !== undefined && matchName !== '' ? anchored(qualified(matchName)) : patternExpression(matchPattern ?? ''));
  return (name) => expression.test(qualified(name));
}

function patternExpression(pattern: string): string {
  return anchored(matchesEverything.test(pattern) ? pattern : qualified(pattern));
}

function anchored(pattern: string): string {
  if (matchesEverything.test(pattern)) return `(^(${character}+[.])+$)|(^[.]$)`;
  const escaped = pattern
    .toLowerCase()
    .replaceAll('.', '[.]')
    .replace(/^\*{2,}\[\.\]/, `(${character}+([.]${character}+){0,})[.]`)
    .replace(/\*+/g, `${character}*`);
  return `^${escaped}$`;
}

function qualified(name: string): string {
  return name.endsWith('.') ? name.toLowerCase() : `${name.toLowerCase()}.`;
}

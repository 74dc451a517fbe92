/** Keeps secrets out of messages. Helm quotes values in its errors (schema violations, failed templates, refused objects). */

/** Shorter strings occur by chance ("true", "az1"); masking them would make messages unreadable and hide little. */
const shortestSecret = 6;
const mask = '[redacted]';

/** What is a key wherever it came from: PEM blocks (also as Helm prints them, with \n escaped), bearer tokens, JSON web tokens, key data of a kubeconfig. */
const patterns: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(?:-----END [A-Z0-9 ]+-----|$)/g,
  /\bey[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*/g,
  /(?<=\bBearer\s)[^\s"',;]+/gi,
  /(?<=(?:client-key-data|token|password|secret)"?\s*[:=]\s*"?)[^\s"',;]{6,}/gi,
];

/** Masks every given secret, its base64 form (Secret data), and what looks like a key. Longest first, so that a secret inside another leaves no rest. */
export function redact(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((s) => s.length >= shortestSecret);
  const forms = known.flatMap((s) => [s, ...s.split('\n'), JSON.stringify(s).slice(1, -1), Buffer.from(s).toString('base64')]);
  const distinct = [...new Set(forms)].filter((s) => s.length >= shortestSecret).sort((a, b) => b.length - a.length);
  const withoutKnown = distinct.reduce((t, secret) => t.replaceAll(secret, mask), text);
  return patterns.reduce((t, pattern) => t.replaceAll(pattern, mask), withoutKnown);
}

/** Every string and number in a values tree: what `redact` has to mask when the tree is secret. */
export function leaves(tree: unknown): readonly string[] {
  if (typeof tree === 'string') return [tree];
  if (typeof tree === 'number') return [String(tree)];
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.values(tree).flatMap(leaves);
}

/**
 * The commands of runbooks, as a person would type them. Here: are the programs ones that somebody on call has, and does
 * every line close what it opens? Flags and sub-commands are judged by the programs themselves (test/monitoring).
 */

/** What a person on call has, or finds in a node or container. */
const programs = new Set([
  'kubectl', 'keelson', 'openstack', 'helm', 'amtool', 'promtool', 'kubeadm', 'etcdctl', 'etcdutl', 'crictl', 'curl', 'openssl', 'vault', 'journalctl', 'systemctl', 'chronyc',
  'jq', 'grep', 'sed', 'awk', 'sort', 'uniq', 'head', 'tail', 'base64', 'date', 'du', 'df', 'lsof', 'iostat', 'time', 'xargs', 'sleep', 'mv', 'for', 'do', 'done', 'export',
]);

export interface CommandLine {
  /** 1-based, in the file. */
  readonly line: number;
  /** As it stands there, without a comment at its end. */
  readonly text: string;
}

export interface CommandFinding {
  readonly line: number;
  readonly message: string;
  readonly fix: string;
}

/** Lines of the blocks marked `sh`. */
export function commandsOf(page: string): CommandLine[] {
  const found: CommandLine[] = [];
  let isInside = false;
  for (const [i, raw] of page.split('\n').entries()) {
    if (raw.trim().startsWith('```')) isInside = !isInside && raw.trim() === '```sh';
    else if (isInside && raw.trim() && !raw.trim().startsWith('#')) found.push({ line: i + 1, text: raw.replace(/\s{2,}#.*$/, '').trim() });
  }
  return found;
}

/** With every `<placeholder>` and `$(…)` as a word that a shell takes; `<(…)` and `</dev/null` stay. */
export function filledIn(command: string): string {
  return command.replaceAll(/<[a-z][^<>()/]*>/gi, 'x').replaceAll(/\$\([^()]*\)/g, 'x');
}

export function commandFindings(page: string): CommandFinding[] {
  return commandsOf(page).flatMap(({ line, text }) => {
    const parts = pipeline(filledIn(text));
    if (!parts) return [{ line, message: `a quote is not closed: ${text}`, fix: 'close it' }];
    return parts.map(programOf).filter((program) => program && !programs.has(program)).map((program) => (
      { line, message: `${program} is no program that somebody on call has: ${text}`, fix: 'correct it, or add it to monitoring/runbooks/commands.ts' }));
  });
}

/** The commands of a line, cut at pipes and separators outside of quotes; undefined when a quote stays open. */
function pipeline(line: string): string[] | undefined {
  const parts = [''];
  let quote = '';
  for (let i = 0; i < line.length; i += 1) {
    const char = line[i] ?? '';
    if (quote) quote = char === quote && line[i - 1] !== '\\' ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (/[|;&]/.test(char) && line[i - 1] !== '>') {
      parts.push('');
      continue;
    }
    parts[parts.length - 1] += char;
  }
  return quote ? undefined : parts.map((part) => part.trim()).filter((part) => part && !/^\d*>/.test(part));
}

function programOf(command: string): string {
  return command.split(/\s+/).find((word) => !/^[A-Z_]+=/.test(word) && word !== 'do' && word !== 'time') ?? '';
}

/** The commands of all runbooks, judged by those who would have to run them: the shell, kubectl, keelson. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { readRunbooks } from '../../provisioner/cli/commands/alerts/lint.ts';
import { buildProgram } from '../../provisioner/cli/program.ts';
import type { CliContext } from '../../provisioner/cli/context.ts';
import { commandsOf, filledIn } from '../../monitoring/runbooks/commands.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';

const folder = join(import.meta.dirname, '../../docs/runbooks');
const commands = async (): Promise<{ file: string; line: number; text: string }[]> =>
  [...(await readRunbooks(folder))].flatMap(([file, text]) => commandsOf(text).map(({ line, text: command }) => ({ file, line, text: filledIn(command).replaceAll(/<\([^()]*\)/g, 'x') })));

test('a shell reads all of them', async () => {
  const found = await commands();
  expect(found.length).toBeGreaterThan(200);
  const script = found.map(({ file, line, text }) => `: ${file} ${line}\n${text}\n`).join('\n');
  const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});

test('the sub-commands of keelson exist', async () => {
  const program = buildProgram({} as CliContext);
  for (const { file, line, text } of await commands()) {
    for (const [, words = ''] of text.matchAll(/keelson ((?:[a-z-]+ ?)+)/g)) {
      let command = program;
      for (const word of words.trim().split(' ')) {
        const next = command.commands.find((candidate) => candidate.name() === word);
        if (!next && command.commands.length) throw new Error(`${file}:${line}: keelson ${words}: there is no ${word}`);
        if (!next) break;
        command = next;
      }
    }
  }
});

describeWith({ tools: ['kubectl'] }, 'kubectl', () => {
  test('knows every verb and flag', async () => {
    const shapes = new Map<string, string>();
    for (const { file, line, text } of await commands()) {
      for (const [, rest = ''] of text.matchAll(/(?:^|[|;(]\s*)kubectl ((?:"[^"]*"|'[^']*'|[^|;&)"'])*)/g)) {
        // What is asked for does not matter here, only which verb and which flags.
        const verb = /^(?:--?\S+ \S+ )*((?:(?:auth|top|rollout|create|certificate|config) )*(?:secret )?[a-z-]+)/.exec(rest.trim())?.[1] ?? '';
        const flags = [...rest.split(' -- ')[0]!.matchAll(/ (--?[a-zA-Z][-a-zA-Z]*)/g)].map(([, flag]) => flag);
        shapes.set([verb, ...flags.sort()].join('|'), `${file}:${line}: kubectl ${rest}`);
      }
    }
    const wrong: string[] = [];
    for (const [shape, where] of shapes) {
      const [verb = '', ...flags] = shape.split('|');
      const help = kubectl(...verb.split(' '), '--help');
      const known = help + kubectl('options');
      if (!help.includes('Usage:')) wrong.push(`${where}: no verb ${verb}`);
      for (const flag of flags.filter(Boolean)) {
        const isKnown = flag.startsWith('--') ? known.includes(flag) : new RegExp(`(^|[\\s,])${flag}[,=]`, 'm').test(known) || /^-(it|ti)$/.test(flag);
        if (!isKnown) wrong.push(`${where}: no flag ${flag}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  const said = new Map<string, string>();
  function kubectl(...args: string[]): string {
    const key = args.join(' ');
    if (!said.has(key)) said.set(key, spawnSync(join(toolsBin, 'kubectl'), args, { encoding: 'utf8' }).stdout);
    return said.get(key)!;
  }
});

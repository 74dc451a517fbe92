/** Can a person who is woken up act on the page: is it complete, and can its commands be typed? */
import { commandFindings } from '../runbooks/commands.ts';
import { otherPages } from '../runbooks/sections.ts';
import { alertsOf } from '../rules/index.ts';
import { runbookOf } from '../rules/model.ts';
import type { Chain, Finding } from './finding.ts';

export function runbookFindings({ groups, runbooks }: Chain): Finding[] {
  const linked = new Set(alertsOf(groups).map(runbookOf));
  return [...runbooks].flatMap(([file, text]) => {
    const object = `docs/runbooks/${file}`;
    const isLinked = linked.has(file) || otherPages.includes(file);
    return [
      // A runbook that no alert links to is found by nobody.
      ...(isLinked ? [] : [{ object, path: '', rule: 'runbook-linked', message: 'no alert has this name', fix: 'remove it or name it as its alert' }]),
      ...commandFindings(text).map(({ line, message, fix }) => ({ object, path: `line ${line}`, rule: 'runbook-command', message, fix })),
    ];
  });
}

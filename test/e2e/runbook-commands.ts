/** The commands of all runbooks that only look, run in a fleet: whoever is on call gets an answer, not a usage message. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { commandsOf } from '../../monitoring/runbooks/commands.ts';
import { readRunbooks } from '../../provisioner/cli/commands/alerts/lint.ts';
import { inParallel } from '../fixtures/in-parallel.ts';
import { type Keelson, repository } from './keelson.ts';

/** Verbs of kubectl that change nothing. */
const looks = /^kubectl (?:-n \S+ )?(?:get|logs|describe|top|version|api-resources|auth can-i|rollout status)\b/;
/** What the fleet in a box has not, by a part of the command. */
const lacking: Readonly<Record<string, string>> = {
  'ds/cilium': 'no Cilium: its data plane needs a kernel of its own', 'cilium-config': 'no Cilium', ciliumnetworkpolicies: 'no Cilium', 'app=openstack-cinder-csi': 'no Cinder CSI: no server has a block device',
  'deploy/kyverno': 'Kyverno is an App that nobody asked for', 'deploy/cert-manager': 'cert-manager is an App that nobody asked for', 'certificaterequest,': 'no cert-manager', 'get organization acme': 'an organization only where `keelson up --organizations` made one',
};

interface RunbookCommand {
  readonly where: string;
  readonly text: string;
}

/** With names of the fleet put in; those that need what only a page tells are left out, and those of what the fleet lacks. */
async function lookingCommands(names: Readonly<Record<string, string>>): Promise<RunbookCommand[]> {
  const all = [...(await readRunbooks(join(repository, 'docs/runbooks')))].flatMap(([file, page]) => commandsOf(page).map(({ line, text }) => ({ where: `${file}:${line}`, text: text.replaceAll(/<([a-z-]+)>/g, (placeholder, name: string) => names[name] ?? placeholder).replaceAll('org-acme', 'org-demo') })));
  return all.filter(({ text }) => looks.test(text) && !/<[a-z][^>]*>|\s(-w|--watch|-f|--follow)\b/.test(text) && !Object.keys(lacking).some((part) => text.includes(part)));
}

/** Registers the test; a command is right in one of the two clusters. */
export function runbookCommands(keelson: Keelson): void {
  test('the commands of runbooks that only look get an answer', async () => {
    const node = (await keelson.json<{ items: { metadata: { name: string } }[] }>('demo', ['get', 'nodes', '-l', 'node-role.kubernetes.io/control-plane'])).items[0]!.metadata.name;
    const commands = await lookingCommands({ cluster: 'demo', node, 'org-namespace': 'org-demo', namespace: 'keelson-system' });
    const wrong: string[] = [];
    await inParallel(commands.length, 4, async (i) => {
      const { where, text } = commands[i]!;
      const answers = await Promise.all(['demo', 'management'].map((cluster) => shell(text, keelson, cluster)));
      if (answers.every(({ code }) => code !== 0)) wrong.push(`${where}: ${text}\n${answers.map(({ stderr }) => stderr.trim().slice(-300)).join('\n')}`);
    });
    console.log(`${commands.length} commands of runbooks were run`);
    expect(wrong).toEqual([]);
    expect(commands.length).toBeGreaterThan(80);
  }, 600_000);
}

/** What comes after a pipe may find nothing. */
function shell(text: string, keelson: Keelson, cluster: string): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, PATH: `${keelson.tools}:${process.env['PATH'] ?? ''}`, KUBECONFIG: join(keelson.state, `kubeconfig-${cluster}`) };
    const child = spawn('bash', ['-c', `${text}\nexit \${PIPESTATUS[0]}`], { env, stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000, killSignal: 'SIGKILL' });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
    child.on('close', (code) => resolve({ code: code ?? 128, stderr }));
  });
}

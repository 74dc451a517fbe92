/**
 * Runs as the first process of a world of its own (world.ts) and does there what JSON lines on its standard input ask:
 * commands, long-running programs, HTTP requests. When its input ends it ends, and everything in the world with it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { attempt } from '../../../../sandbox/network/command.ts';
import type { AgentMethods } from './world.ts';

interface Program { readonly child: ChildProcess; output: string; readonly exited: Promise<void> }

/** What is kept of a program's output: enough for an error message. */
const keptOutput = 100_000;
const programs = new Map<string, Program>();

/** `ip netns exec` mounts a /sys of that namespace, where programs read the MTU, and becomes the program. */
const inside = (netns: string | undefined, argv: readonly string[]): readonly string[] => (netns === undefined ? argv : ['ip', 'netns', 'exec', netns, ...argv]);

const methods: AgentMethods = {
  async run({ argv, stdin, netns, timeoutMs }) {
    const [command = '', ...args] = inside(netns, argv);
    return attempt(command, args, { ...(stdin === undefined ? {} : { stdin }), ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  },

  start({ name, argv, netns, env }) {
    if (programs.has(name)) return Promise.reject(new Error(`there is a program ${name} already`));
    const [command = '', ...args] = inside(netns, argv);
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    const program: Program = { child, output: '', exited: new Promise((resolve) => { child.once('close', () => { resolve(); }); }) };
    const keep = (text: string): void => { program.output = (program.output + text).slice(-keptOutput); };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => { keep(`cannot run: ${error.message}`); });
    programs.set(name, program);
    return Promise.resolve(null);
  },

  async says({ name, pattern, timeoutMs = 20_000 }) {
    const program = known(name);
    const wanted = new RegExp(pattern, 'm');
    for (const endsAt = performance.now() + timeoutMs; ;) {
      const match = wanted.exec(program.output);
      if (match) return [...match];
      const ended = program.child.exitCode ?? program.child.signalCode;
      if (ended !== null || performance.now() > endsAt) throw new Error(`${name} ${ended === null ? `did not say ${pattern} in time` : `ended (${ended})`}: ${program.output.slice(-3000)}`);
      await new Promise((resolve) => { setTimeout(resolve, 10); });
    }
  },

  tell({ name, line }) {
    known(name).child.stdin!.write(`${line}\n`);
    return Promise.resolve(null);
  },

  output: ({ name }) => Promise.resolve(known(name).output),

  async end({ name, signal = 'SIGTERM' }) {
    const program = programs.get(name);
    if (!program) return null;
    program.child.kill(signal);
    const late = setTimeout(() => { program.child.kill('SIGKILL'); }, 5000);
    await program.exited;
    clearTimeout(late);
    programs.delete(name);
    return null;
  },

  async fetch({ url, netns, timeoutMs = 5000 }) {
    if (netns !== undefined) {
      const outcome = await attempt('ip', ['netns', 'exec', netns, 'curl', '-s', '-w', '\n%{http_code}', '-m', String(timeoutMs / 1000), url]);
      if (outcome.kind === 'failed') throw new Error(`${url} in ${netns}: ${outcome.reason}`);
      const cut = outcome.stdout.lastIndexOf('\n');
      return { status: Number(outcome.stdout.slice(cut + 1)), text: outcome.stdout.slice(0, cut) };
    }
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, text: await response.text() };
  },

  usage({ name }) {
    const { pid } = known(name).child;
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const megabytes = (field: string): number => (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6;
    // Clock ticks are 10 ms (USER_HZ).
    return Promise.resolve({ cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, residentMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM'), anonymousMb: megabytes('RssAnon') });
  },
};

function known(name: string): Program {
  const program = programs.get(name);
  if (!program) throw new Error(`there is no program ${name}`);
  return program;
}

const tell = (message: object): void => { process.stdout.write(`${JSON.stringify(message)}\n`); };

tell({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, args } = JSON.parse(line) as { id: number; method: keyof AgentMethods; args: never };
  void (async () => {
    try {
      tell({ id, value: await methods[method](args) });
    } catch (error) {
      tell({ id, error: (error as Error).message });
    }
  })();
}
process.exit(0);

/** Processes inside servers: killed once, killed whenever they come back, or stopped where they stand. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '../errors.ts';
import type { Ground, Server } from '../ground.ts';
import type { Plan, Planner } from '../plan.ts';
import { serversOf, unknown } from '../targets.ts';

/** What people call a program that is started under another name. */
const otherNames: Readonly<Record<string, string>> = { runtime: 'container-runtime', containerd: 'container-runtime' };
/** Between two kills of a crash loop. */
const loopMs = 1000;

interface Found { readonly server: Server; readonly pid: number; readonly name: string }

export const process: Planner<'process'> = async ({ target, node, cluster, how }, _id, { ground }) => {
  const name = otherNames[target] ?? target;
  const servers = serversOf({ node, cluster }, ground);
  const found = await find(ground, servers, name);
  const where = [...new Set(found.map(({ server }) => server.name))].join(', ');
  switch (how) {
    case 'kill': return { ...killed(ground, found, `${target} was killed on ${where}`), isDoneAtOnce: true };
    case 'stop': return stopped(ground, found, `${target} stands still on ${where}`);
    case 'crash-loop': return looping(ground, { servers: [...new Map(found.map(({ server }) => [server.id, server])).values()], name, summary: `${target} is killed whenever it runs on ${where}` });
  }
};

function killed(ground: Ground, found: readonly Found[], summary: string): Plan {
  return {
    summary, servers: idsOf(found),
    apply: () => signal(ground, found, 'KILL'),
    observe: () => Promise.resolve(`killed: ${found.map(({ pid, server }) => `${server.name} pid ${pid}`).join(', ')}`),
    undo: () => Promise.resolve(undefined),
  };
}

function stopped(ground: Ground, found: readonly Found[], summary: string): Plan {
  const still = async (): Promise<number> => {
    const states = await Promise.all(found.map(async ({ server, pid }) => (await ground.exec(server.id, ['sed', '-n', 's/^State:[[:space:]]*//p', `/proc/${pid}/status`])).stdout));
    return states.filter((state) => state.startsWith('T')).length;
  };
  return {
    summary, servers: idsOf(found),
    apply: async () => {
      await signal(ground, found, 'STOP');
      // Threads stop one by one, each when it is next scheduled.
      for (let i = 0; i < 40 && (await still()) < found.length; i++) await sleep(50);
    },
    observe: async () => `${await still()} of ${found.length} stand still`,
    undo: async () => {
      await signal(ground, found, 'CONT');
      return undefined;
    },
  };
}

function looping(ground: Ground, { servers, name, summary }: { readonly servers: readonly Server[]; readonly name: string; readonly summary: string }): Plan {
  const healed = new AbortController();
  let kills = 0;
  let loop: Promise<void> = Promise.resolve();
  const run = async (): Promise<void> => {
    while (!healed.signal.aborted) {
      // A process or server that is gone at this moment is what the fault is about.
      const found = (await Promise.all(servers.map((server) => processesOf(ground, server).catch(() => [])))).flat().filter((one) => one.name === name);
      await signal(ground, found, 'KILL').catch(() => undefined);
      kills += found.length;
      await sleep(loopMs, undefined, { signal: healed.signal }).catch(() => undefined);
    }
  };
  return {
    summary, servers: servers.map((server) => server.id),
    apply: () => {
      loop = run();
      return Promise.resolve();
    },
    observe: () => Promise.resolve(`${kills} ${kills === 1 ? 'kill' : 'kills'}`),
    undo: async () => {
      healed.abort();
      await loop;
      return undefined;
    },
  };
}

async function find(ground: Ground, servers: readonly Server[], name: string): Promise<Found[]> {
  const all = (await Promise.all(servers.map((server) => processesOf(ground, server)))).flat();
  const found = all.filter((one) => one.name === name);
  if (found.length === 0) throw unknown(`process on ${servers.map((server) => server.name).join(', ')} named`, name, [...new Set(all.map((one) => one.name))]);
  return found;
}

/** Per process a line: its id, the file that is mounted where its program is (a container's tool has the name of its image there), its arguments. */
const list = `for p in /proc/[0-9]*; do
  c=$(tr '\\000' '\\t' < "$p/cmdline" 2> /dev/null) && [ -n "$c" ] || continue
  program=\${c%%	*}
  m=; case $program in /opt/*) ;; /*) m=$(sed -n "s#^[^ ]* [^ ]* [^ ]* \\([^ ]*\\) $program .*#\\1#p" "$p/mountinfo" 2> /dev/null | tail -n 1) ;; esac
  printf '%s\\t%s\\t%s\\n' "\${p#/proc/}" "$m" "$c"
done; true`;

/** Every process of a server by the name of its program; for scripts, the script's. Threads of the kernel have none. */
async function processesOf(ground: Ground, server: Server): Promise<Found[]> {
  const { stdout } = await ground.exec(server.id, ['sh', '-c', list]);
  return stdout.split('\n').flatMap((line) => {
    const [pid, mounted = '', ...argv] = line.split('\t');
    const name = programName(argv, mounted);
    return pid === undefined || name === undefined || ['sh', 'tr', 'sleep'].includes(name) ? [] : [{ server, pid: Number(pid), name }];
  });
}

/**
 * `/opt/tools/etcd --name x` is etcd, `/manager` with `…/capo-manager` mounted there is capo-manager, `node --flag /opt/programs/container-runtime.mjs`
 * is container-runtime, and Keelson's one program is keelson-operator, keelson-topology-extension and so on.
 */
export function programName(argv: readonly string[], mounted = ''): string | undefined {
  const [program, ...rest] = argv;
  if (program === undefined || program === '') return undefined;
  const name = baseName(program);
  if (name === 'node') {
    const [script, command] = rest.filter((argument) => !argument.startsWith('-') && argument !== '');
    if (script === undefined) return name;
    const scriptName = baseName(script).replace(/\.(mjs|cjs|js|ts)$/, '');
    return scriptName === 'keelson' && command !== undefined ? `keelson-${command}` : scriptName;
  }
  return name === 'manager' && mounted !== '' ? baseName(mounted) : name;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

async function signal(ground: Ground, found: readonly Found[], name: 'KILL' | 'STOP' | 'CONT'): Promise<void> {
  const byServer = Map.groupBy(found, ({ server }) => server.id);
  await Promise.all([...byServer].map(async ([id, processes]) => {
    // A process that ended meanwhile cannot be signalled; that one missed its own end is nothing to report.
    const { stderr } = await ground.exec(id, ['sh', '-c', `for p in ${processes.map(({ pid }) => pid).join(' ')}; do kill -${name} $p || :; done`]);
    if (/not permitted/i.test(stderr)) throw new FaultError('FAULT_NOT_APPLIED', `kill -${name}: ${stderr.trim()}`);
  }));
}

function idsOf(found: readonly Found[]): string[] {
  return [...new Set(found.map(({ server }) => server.id))];
}

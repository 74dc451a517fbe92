/** `keelson sandbox …`: break something in the running fleet, see what is broken, heal it, play a scenario. One sub-command per kind of fault. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { CliContext, OutputOptions } from './context.ts';
import type { BreakOptions } from './commands/sandbox.ts';

interface Kind {
  readonly what: string;
  readonly description: string;
  /** As commander writes them: `<node>` must be given, `[node]` may. Name → description, in order. */
  readonly args: Readonly<Record<string, string>>;
  readonly options?: readonly Option[];
}

const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('give a number');
  return value;
};
const server = 'a server: its name, the beginning of it, or its id';
const choice = (flags: string, description: string, choices: readonly string[]): Option => new Option(flags, description).choices([...choices]);
const direction = (): Option => choice('--direction <way>', 'which traffic, seen from the server', ['both', 'in', 'out']).default('both');
const node = (): Option => new Option('--node <server>', server);
const cluster = (): Option => new Option('--cluster <name>', 'only servers of this cluster');

const kinds: readonly Kind[] = [
  { what: 'node', description: 'cut a server off from its network', args: { '<node>': server }, options: [direction()] },
  { what: 'zone', description: 'cut a zone off: its servers reach only each other', args: { '<zone>': 'az1, az2, az3' } },
  { what: 'link', description: 'cut the link between two ends', args: { '<from>': 'a server, a load balancer, cloud, pager, outside, an IPv4 address or range', '<to>': 'the same' }, options: [new Option('--one-way', 'only what goes from the first to the second')] },
  { what: 'dns', description: 'names do not resolve', args: { '[node]': `${server}; all servers unless told` } },
  { what: 'mtu', description: 'packets that are too long vanish without a word', args: { '<node>': server }, options: [new Option('--bytes <n>', 'the longest that passes, IP header included').argParser(number).makeOptionMandatory()] },
  { what: 'latency', description: 'packets take longer, each way', args: { '<node>': server }, options: [new Option('--delay <time>', '200ms, 2s').makeOptionMandatory(), new Option('--jitter <time>', 'up to this much more')] },
  { what: 'loss', description: 'packets get lost by chance', args: { '<node>': server }, options: [new Option('--percent <n>', '0 to 100').argParser(number).makeOptionMandatory(), direction()] },
  {
    what: 'machine', description: 'a server loses its power, freezes, or has a full disk', args: { '<node>': server },
    options: [choice('--how <how>', 'what happens to it', ['kill', 'freeze', 'disk-full']).default('kill'), new Option('--path <folder>', 'disk-full: which folder; /var/log unless told')],
  },
  {
    what: 'clock', description: 'the time server lies', args: { '[cluster]': 'to whom; to everyone unless told' },
    options: [choice('--how <how>', 'what it does', ['wrong', 'silent', 'unsynchronized']).default('wrong'), new Option('--offset <time>', 'wrong: how far off, 5m or -90s')],
  },
  {
    what: 'process', description: 'kill -9 of any process: etcd, kube-apiserver, kubelet, runtime, capo-manager, keelson-operator, …', args: { '<name>': 'the name of its program' },
    options: [node(), cluster(), choice('--how <how>', 'once, stopped where it stands, or whenever it comes back', ['kill', 'stop', 'crash-loop']).default('kill')],
  },
  {
    what: 'cert', description: 'a certificate expires, is not valid yet, or is replaced behind a process that has loaded it',
    args: { '<target>': 'a file of a server (/etc/kubernetes/pki/apiserver.crt) or a Secret (namespace/name)' },
    options: [node(), cluster(), choice('--how <how>', 'what is wrong with it', ['expired', 'not-yet-valid', 'replaced']).default('expired')],
  },
  {
    what: 'api', description: 'the cloud\'s API is in trouble', args: {},
    options: [
      choice('--effect <effect>', 'what calls meet', ['status', 'delay', 'hang', 'reset', 'rateLimit', 'tokenExpiry', 'halfApplied']).makeOptionMandatory(),
      new Option('--service <name>', 'identity, compute, network, image, load-balancer, …; all unless told'),
      choice('--method <method>', 'all unless told', ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']),
      new Option('--path <pattern>', '/v2.1/servers/*; ** at the end for all that may follow'),
      new Option('--project <name>', 'calls of this project only'),
      new Option('--probability <p>', 'chance of each call, 0 to 1').argParser(number),
      new Option('--count <n>', 'calls until it is spent').argParser(number),
      new Option('--status <code>', 'status: 400 to 599').argParser(number), new Option('--message <text>', 'status: what the service says'),
      new Option('--delay <time>', 'delay: 200ms, 2s'), new Option('--jitter <time>', 'delay: up to this much more'),
      new Option('--retry-after <time>', 'rateLimit: when to come back'),
      choice('--answer <answer>', 'halfApplied: what the client gets although it worked', ['error', 'reset']),
    ],
  },
];

export function addSandboxFaults(program: Command, context: CliContext, output: () => Option): void {
  const sandbox = program.command('sandbox').description('break things in the running fleet on purpose, and heal them');
  const breaking = sandbox.command('break').description('break something; "keelson sandbox break WHAT --help" tells what each needs');
  for (const { what, description, args, options = [] } of kinds) {
    const command = breaking.command(what).description(description);
    for (const [name, meaning] of Object.entries(args)) command.argument(name, meaning);
    for (const option of options) command.addOption(option);
    command.option('--for <time>', 'heal by itself after 30s, 5m').addOption(output());
    command.action(async (...given: unknown[]) => {
      const named = Object.keys(args).map((name, i) => [name.replace(/\W/g, ''), given[i] as string | undefined] as const);
      const flags = given[Object.keys(args).length] as BreakOptions;
      await (await import('./commands/sandbox.ts')).breakOne(context, what, { ...flags, ...Object.fromEntries(named) });
    });
  }
  sandbox
    .command('faults')
    .description('what is broken on purpose now')
    .addOption(output())
    .action(async (options: OutputOptions) => (await import('./commands/sandbox.ts')).listFaults(context, options));
  sandbox
    .command('heal')
    .argument('[id]', 'the fault, or "all"', 'all')
    .description('undo one fault, or all')
    .addOption(output())
    .action(async (id: string, options: OutputOptions) => (await import('./commands/sandbox.ts')).heal(context, id, options));
  sandbox
    .command('scenario')
    .argument('<file>', 'a YAML timeline of breaks, heals and expectations')
    .description('play a timeline; exit code 1 when an expectation is not met')
    .option('--check', 'only read the file')
    .addOption(output())
    .action(async (file: string, options: OutputOptions & { check?: true }) => (await import('./commands/sandbox.ts')).scenario(context, file, options));
}

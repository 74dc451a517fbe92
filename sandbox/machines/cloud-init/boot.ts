/** One boot as cloud-init sees it: stages, modules once per instance or always, errors collected instead of fatal. */
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { instanceData, type MetaData } from './instance-data.ts';
import { modules, runScripts, saveScript, tolerated, type Module, type ModuleContext } from './modules.ts';
import { parseUserData, type Part } from './user-data.ts';

const version = '24.4';
const source = 'DataSourceOpenStack [net,ver=2]';
const stages = [['init', 'init'], ['config', 'modules:config'], ['final', 'modules:final']] as const;

export interface BootOptions {
  readonly meta: MetaData;
  readonly userData: Buffer;
  /** The console. */
  readonly print: (line: string) => void;
  readonly now: () => Date;
}

/** @returns what went wrong, as in result.json; the server runs on with whatever did work */
export function bootInstance({ meta, userData, print, now }: BootOptions): string[] {
  const errors: string[] = [];
  const startedAtMs = now().getTime();
  const instanceDir = linkInstance(meta.uuid);
  const attempt = (name: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      print(`${now().toISOString()} - cloud-init[WARNING]: Failed to run ${name}: ${message}`);
      errors.push(`('${name}', ${message})`);
    }
  };

  let parts: Part[] = [];
  attempt('user-data', () => { parts = parseUserData(userData, instanceData(meta)); });
  const config = Object.assign({}, ...parts.map((part) => (part.kind === 'config' ? part.config : {}))) as Record<string, unknown>;
  const context: ModuleContext = { config, instanceDir, hostname: meta.hostname, log: print };
  for (const part of parts) if (part.kind === 'ignored') print(`cloud-init[WARNING]: ${part.why}`);
  for (const key of Object.keys(config)) sayUnused(key, print);
  savePartScripts(parts, instanceDir);

  for (const [stage, title] of stages) {
    print(`Cloud-init v. ${version} running '${title}' at ${now().toUTCString()}. Up ${uptime().toFixed(2)} seconds.`);
    for (const module of modules.filter((candidate) => candidate.stage === stage && isAsked(candidate, config))) {
      once(module.name, module.frequency, instanceDir, () => attempt(module.name, () => module.run(context)));
    }
    if (stage !== 'final') continue;
    once('scripts_user', 'once-per-instance', instanceDir, () => attempt('scripts_user', () => runScripts(scripts(instanceDir))));
  }
  print(`Cloud-init v. ${version} finished at ${now().toUTCString()}. Datasource ${source}.  Up ${((now().getTime() - startedAtMs) / 1000).toFixed(2)} seconds`);
  writeResult(errors, instanceDir, now());
  return errors;
}

/** /var/lib/cloud/instance is the directory of the instance that boots: another server's disk starts afresh. */
function linkInstance(id: string): string {
  const directory = `/var/lib/cloud/instances/${id}`;
  mkdirSync(`${directory}/sem`, { recursive: true });
  mkdirSync('/var/lib/cloud/data', { recursive: true });
  rmSync('/var/lib/cloud/instance', { force: true });
  symlinkSync(directory, '/var/lib/cloud/instance');
  writeFileSync('/var/lib/cloud/data/instance-id', `${id}\n`);
  return '/var/lib/cloud/instance';
}

function once(name: string, frequency: Module['frequency'], instanceDir: string, run: () => void): void {
  const semaphore = `${instanceDir}/sem/config_${name}`;
  if (frequency === 'once-per-instance') {
    if (existsSync(semaphore)) return;
    writeFileSync(semaphore, '');
  }
  run();
}

/** set_hostname has something to do without being asked: the name comes from the metadata. */
function isAsked(module: Module, config: Readonly<Record<string, unknown>>): boolean {
  return module.name === 'set_hostname' || module.keys.some((key) => config[key] !== undefined && config[key] !== null);
}

function sayUnused(key: string, print: (line: string) => void): void {
  if (modules.some((module) => module.keys.includes(key))) return;
  print(`cloud-init[WARNING]: ${key} is ${tolerated[key] ? `accepted and does nothing: ${tolerated[key]}` : 'not a key this cloud-init knows'}`);
}

function savePartScripts(parts: readonly Part[], instanceDir: string): void {
  parts.forEach((part, i) => {
    if (part.kind === 'script') saveScript(instanceDir, `part-${String(i + 1).padStart(3, '0')}`, part.text);
    if (part.kind === 'bootHook') saveScript(instanceDir, `boothook-${String(i + 1).padStart(3, '0')}`, part.text);
  });
}

function scripts(instanceDir: string): string[] {
  return existsSync(`${instanceDir}/scripts`) ? readdirSync(`${instanceDir}/scripts`).sort().map((name) => `${instanceDir}/scripts/${name}`) : [];
}

function writeResult(errors: readonly string[], instanceDir: string, now: Date): void {
  mkdirSync('/run/cloud-init', { recursive: true });
  writeFileSync('/run/cloud-init/result.json', `${JSON.stringify({ v1: { datasource: source, errors } }, null, 1)}\n`);
  writeFileSync('/run/cloud-init/status.json', `${JSON.stringify({ v1: { datasource: source, stage: null, 'modules-final': { errors, finished: now.getTime() / 1000 } } }, null, 1)}\n`);
  writeFileSync(`${instanceDir}/boot-finished`, `${now.toISOString()}\n`);
}

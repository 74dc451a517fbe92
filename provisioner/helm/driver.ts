/** The typed driver of the Helm command, version 4: the only place of ours that knows Helm's flags. */
import { tmpdir } from 'node:os';
import type { z } from 'zod';
import { HelmError } from './errors.ts';
import { failure } from './failure.ts';
import { withWorkspace, type Kubeconfig } from './files.ts';
import { historyOutput, listOutput, manifestOutput, parseOutput, releaseOutput, type ListedRelease, type Release, type Revision } from './output.ts';
import { runCommand } from './process.ts';
import { manifestObjects, type ManifestObject } from './record.ts';
import { recoverPending } from './recover.ts';
import { leaves } from './redact.ts';
import type { ChartRef, ReleaseRef, Template, UpgradeInstall } from './options.ts';
import { mergeValues } from './values.ts';

export interface HelmOptions {
  /** Path of the `helm` binary, 4.x. */
  readonly binary: string;
  /** Where kubeconfigs and values live for the time of a command; memory-backed in a pod. */
  readonly tempDir?: string;
  /** Added to the child's otherwise nearly empty environment: proxies, `PATH` for exec credentials of a kubeconfig. */
  readonly env?: Readonly<Record<string, string>>;
  /** Revisions that Helm keeps of a release. */
  readonly historyMax?: number;
  /** Time between SIGTERM and SIGKILL when a command is stopped. */
  readonly killAfterMs?: number;
  /** How old a pending operation must be before it counts as left behind by a killed process. */
  readonly pendingAfterMs?: number;
  readonly now?: () => Date;
}

/** Helm stores releases in Secrets of the target cluster; two drivers on one release are kept apart by Helm itself (`HELM_PENDING`). */
export class Helm {
  readonly #options: Required<HelmOptions>;

  constructor(options: HelmOptions) {
    this.#options = {
      tempDir: tmpdir(), env: {}, historyMax: 5, killAfterMs: 10_000, pendingAfterMs: 60_000, now: () => new Date(), ...options,
    };
  }

  /**
   * Installs the release or brings it to the given chart and values, by server-side apply. A release that a killed process left
   * pending is first recovered (`recover`); without that it is rolled back to its last good revision, or removed if it never had one.
   * @throws {HelmError}
   */
  async upgradeInstall(o: UpgradeInstall): Promise<Release> {
    const what = `upgrade of ${name(o)}`;
    const age = { now: this.#options.now(), pendingAfterMs: this.#options.pendingAfterMs };
    await (o.recover ? o.recover(age) : recoverPending(this, o, age));
    const timeoutMs = o.timeoutMs ?? defaultTimeoutMs;
    const flags = [
      '--install', '--server-side=true', `--history-max=${this.#options.historyMax}`, `--timeout=${timeoutMs}ms`, '--reset-values',
      ...(o.createNamespace ? ['--create-namespace'] : []), ...(o.skipCrds ? ['--skip-crds'] : []), ...(o.forceConflicts ? ['--force-conflicts'] : []), ...(o.wait ? ['--wait=watcher'] : []),
    ];
    const stdout = await this.#run({ ...o, what, args: ['upgrade', o.release, o.chart, ...flags, '--output=json'] });
    return parseOutput(releaseOutput, stdout, what);
  }

  /** What `upgradeInstall` would apply, rendered with the cluster's versions and kinds; nothing is changed. @throws {HelmError} */
  async preview(o: UpgradeInstall): Promise<readonly ManifestObject[]> {
    const what = `preview of ${name(o)}`;
    const stdout = await this.#run({ ...o, what, args: ['upgrade', o.release, o.chart, '--install', '--dry-run=server', '--reset-values', '--output=json'] });
    return manifestObjects(parseOutput(manifestOutput, stdout, what).manifest);
  }

  /** The newest revision of the release; undefined if there is none. @throws {HelmError} */
  async status(o: ReleaseRef): Promise<Release | undefined> {
    return await this.#readOrNone(o, ['status', o.release, '--output=json'], releaseOutput);
  }

  /** The kept revisions, oldest first; none if there is no such release. @throws {HelmError} */
  async history(o: ReleaseRef): Promise<readonly Revision[]> {
    return await this.#readOrNone(o, ['history', o.release, '--output=json'], historyOutput) ?? [];
  }

  /** All releases of a namespace in whatever state, or of all namespaces. @throws {HelmError} */
  async list(o: Omit<ReleaseRef, 'release' | 'namespace'> & { readonly namespace?: string }): Promise<readonly ListedRelease[]> {
    const where = o.namespace === undefined ? ['--all-namespaces'] : [];
    const what = `list of releases${o.namespace === undefined ? '' : ` in ${o.namespace}`}`;
    return parseOutput(listOutput, await this.#run({ ...o, what, args: ['list', ...where, '--max=0', '--output=json'] }), what);
  }

  /** Applies an older revision again, as a new one. @throws {HelmError} */
  async rollback(o: ReleaseRef & { readonly revision: number; readonly hooks?: boolean }): Promise<void> {
    const args = ['rollback', o.release, String(o.revision), ...(o.hooks ? [] : ['--no-hooks']), '--force-conflicts', `--history-max=${this.#options.historyMax}`];
    await this.#run({ ...o, what: `rollback of ${name(o)} to revision ${o.revision}`, args });
  }

  /** Removes the objects of a release and its history; fine if there is none. @throws {HelmError} */
  async uninstall(o: ReleaseRef & { readonly wait?: boolean; readonly hooks?: boolean }): Promise<void> {
    const timeoutMs = o.timeoutMs ?? defaultTimeoutMs;
    const flags = ['--ignore-not-found', `--timeout=${timeoutMs}ms`, ...(o.wait ? ['--wait=watcher'] : []), ...(o.hooks === false ? ['--no-hooks'] : [])];
    await this.#run({ ...o, what: `uninstallation of ${name(o)}`, args: ['uninstall', o.release, ...flags] });
  }

  /** The manifests of a chart, without asking a cluster. @throws {HelmError} */
  async template(o: Template): Promise<string> {
    const apis = (o.apiVersions ?? []).map((v) => `--api-versions=${v}`);
    const version = o.kubeVersion === undefined ? [] : [`--kube-version=${o.kubeVersion}`];
    return await this.#run({ ...o, what: `rendering of ${o.chart}`, args: ['template', o.release, o.chart, '--include-crds', ...apis, ...version] });
  }

  /**
   * The values against the schemas of the chart and its subcharts, without asking a cluster and before anything is made of it.
   * Whatever else is wrong with the chart shows when it is installed.
   * @returns the manifests with the CRDs; undefined where the chart cannot be rendered without its cluster
   * @throws {HelmError} HELM_VALUES_INVALID
   */
  async checkValues(o: Template): Promise<string | undefined> {
    try {
      return await this.template(o);
    } catch (error) {
      if (error instanceof HelmError && error.code === 'HELM_VALUES_INVALID') throw error;
      if (o.signal?.aborted) throw error;
      return undefined;
    }
  }

  /** @returns what `helm lint` says of a good chart. @throws {HelmError} HELM_CHART_INVALID with its findings, warnings count with `strict` */
  async lint(o: ChartRef & { readonly strict?: boolean; readonly signal?: AbortSignal }): Promise<string> {
    return await this.#run({ ...o, what: `lint of ${o.chart}`, args: ['lint', o.chart, ...(o.strict ? ['--strict'] : [])] });
  }

  async #readOrNone<T>(o: ReleaseRef, args: readonly string[], schema: z.ZodType<T>): Promise<T | undefined> {
    const what = `${args[0] ?? ''} of ${name(o)}`;
    try {
      return parseOutput(schema, await this.#run({ ...o, what, args }), what);
    } catch (error) {
      if (error instanceof HelmError && error.code === 'HELM_FAILED' && error.message.includes('release: not found')) return undefined;
      throw error;
    }
  }

  /** @returns stdout */
  async #run(o: Invocation): Promise<string> {
    const { binary, tempDir, env, killAfterMs } = this.#options;
    return await withWorkspace(tempDir, o.kubeconfig, async ({ home, kubeconfigPath }) => {
      const takesValues = o.values !== undefined || o.secretValues !== undefined;
      const args = [
        ...o.args, ...(o.version === undefined ? [] : [`--version=${o.version}`]), ...(takesValues ? ['--values=-'] : []), ...(o.namespace === undefined ? [] : [`--namespace=${o.namespace}`]),
        ...(kubeconfigPath === undefined ? [] : [`--kubeconfig=${kubeconfigPath}`]), ...(o.asUser === undefined ? [] : [`--kube-as-user=${o.asUser}`]),
      ];
      const stdin = takesValues ? { stdin: JSON.stringify(mergeValues(o.values ?? {}, o.secretValues ?? {})) } : {};
      const result = await runCommand({
        binary, args, env: { ...helmEnv(home), ...env }, ...stdin, killAfterMs, signal: o.signal,
        timeoutMs: (o.timeoutMs ?? defaultTimeoutMs) + graceMs,
      });
      if (result.kind === 'exited' && result.code === 0) return result.stdout;
      throw failure(o.what, result, [...leaves(o.secretValues), ...(o.secrets ?? [])]);
    });
  }
}

interface Invocation extends Partial<ChartRef> {
  readonly what: string;
  readonly args: readonly string[];
  readonly namespace?: string;
  readonly kubeconfig?: Kubeconfig;
  readonly asUser?: string | undefined;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Helm's own default. */
const defaultTimeoutMs = 300_000;
/** Helm's --timeout bounds each wait, not the command; after this much more the command is stopped. */
const graceMs = 30_000;

/** Everything Helm would look for in a home directory points into the workspace; plugins are off because they are foreign code. */
function helmEnv(home: string): Readonly<Record<string, string>> {
  return {
    HOME: home, HELM_CACHE_HOME: `${home}/cache`, HELM_CONFIG_HOME: `${home}/config`, HELM_DATA_HOME: `${home}/data`,
    HELM_NO_PLUGINS: '1', HELM_DRIVER: 'secret', NO_COLOR: '1',
  };
}

function name(o: { readonly release: string; readonly namespace: string }): string {
  return `release ${o.release} in ${o.namespace}`;
}

/** What in a running sandbox is something else than in production, in a word each, with the place in docs/sandbox.md that says what it can and cannot prove. */

export interface Substitute {
  /** What a person would take for the real thing. */
  readonly what: string;
  /** A word beside it on the screen. */
  readonly tag: string;
  /** What stands there in production. */
  readonly inProduction: string;
  /** Section of docs/sandbox.md. */
  readonly docs: string;
}

const section = (anchor: string): string => `docs/sandbox.md#${anchor}`;

export const substitutes = {
  cloud: { what: 'OpenStack', tag: 'simulated', inProduction: 'an OpenStack cloud', docs: section('cloud') },
  servers: { what: 'servers', tag: 'namespaces', inProduction: 'virtual machines', docs: section('servers-and-containers') },
  containers: { what: 'containers', tag: 'processes', inProduction: 'containerd, images from a registry, limits enforced', docs: section('servers-and-containers') },
  podNetwork: { what: 'pod network', tag: 'routes', inProduction: 'Cilium, network policies enforced', docs: section('clusters') },
  intervals: { what: 'intervals', tag: 'seconds', inProduction: 'a minute and more', docs: section('clusters') },
  replicas: { what: 'managers and operators', tag: 'one each', inProduction: 'two of each', docs: section('clusters') },
  pager: { what: 'Pager', tag: 'local', inProduction: 'your on-call tool', docs: section('clusters') },
} as const satisfies Record<string, Substitute>;

/** What is so only where the sandbox was started without root. */
export const substitutesWithoutRoot: readonly Substitute[] = [
  { what: 'users in containers', tag: 'one user', inProduction: 'runAsUser, fsGroup and owners of files that are kept apart', docs: section('without-root') },
];

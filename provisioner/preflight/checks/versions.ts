/** Kubernetes versions: how far an upgrade may go. https://kubernetes.io/releases/version-skew-policy/ */
import type { Demand } from '../demand.ts';
import type { ClusterFinding } from '../finding.ts';

/** What runs now. */
export interface RunningVersions {
  readonly controlPlane: string;
  /** Of machine groups, by name. */
  readonly workers: Readonly<Record<string, string>>;
}

/** Kubelets may be three minors older than the API server. */
const widestSkew = 3;

export function versions(demand: Demand, running: RunningVersions | undefined): ClusterFinding[] {
  const { value, path } = demand.version;
  const to = parse(value);
  const say = (message: string, fix: string): ClusterFinding => ({ rule: 'cluster/version', severity: 'error', path, message, fix });
  if (!to) return [say(`${value || 'nothing'} is no Kubernetes version`, 'write it as v1.36.3')];
  const from = running && parse(running.controlPlane);
  if (!running || !from) return [];
  if (compare(to, from) < 0) return [say(`${value} is older than ${running.controlPlane}, which runs; Kubernetes cannot go back`, `write ${running.controlPlane} or a newer one`)];
  if (to.minor - from.minor > 1) return [say(`${value} is ${to.minor - from.minor} minor versions above ${running.controlPlane}, which runs; a control plane goes up one at a time`, `upgrade to v${from.major}.${from.minor + 1} first`)];
  return Object.entries(running.workers).flatMap(([group, version]) => {
    const nodes = parse(version);
    return nodes && to.minor - nodes.minor > widestSkew ? [say(`the nodes of ${group} run ${version}, more than ${widestSkew} minor versions below ${value}`, 'let the workers catch up first')] : [];
  });
}

interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

function parse(text: string): Version | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(text) ?? [];
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

const compare = (a: Version, b: Version): number => a.major - b.major || a.minor - b.minor || a.patch - b.patch;

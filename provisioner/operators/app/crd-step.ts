/** What may be done with one CRD of a chart, by what the cluster has: a pure decision. Only forward, and never to the loss of what is stored. */
import { createHash } from 'node:crypto';
import { compareVersions } from '../../api/cluster-bundle.ts';
import { annotations } from '../../api/labels.ts';
import { type Crd } from '../../helm/index.ts';

/** A CRD as it is in the cluster. */
export type LiveCrd = Crd & { readonly status?: { readonly storedVersions?: readonly string[] } };

/** The chart that a CRD comes from. */
export interface CrdSource {
  readonly chart: string;
  readonly version: string;
}

export type CrdStep =
  /** `unserved`: versions that would no longer be served; whoever still uses them has to be asked first. */
  | { readonly kind: 'apply'; readonly unserved: readonly string[] }
  /** It is as this chart has it, or as a newer version of this chart left it. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'refuse'; readonly message: string };

export function crdStep(wanted: Crd, live: LiveCrd | undefined, from: CrdSource): CrdStep {
  if (wanted.apiVersion !== 'apiextensions.k8s.io/v1') return { kind: 'refuse', message: `it is of ${wanted.apiVersion}, which no API server has served since 1.22` };
  if (!live) return { kind: 'apply', unserved: [] };
  const mark = live.metadata.annotations?.[annotations.crdSource];
  if (mark === crdMark(wanted, from) || isOfNewer(mark, from)) return { kind: 'keep' };
  if (live.spec.scope !== wanted.spec.scope) return { kind: 'refuse', message: `its scope is ${live.spec.scope} and would become ${wanted.spec.scope}, which cannot be changed` };
  if (live.spec.names.kind !== wanted.spec.names.kind) return { kind: 'refuse', message: `its kind is ${live.spec.names.kind} and would become ${wanted.spec.names.kind}, which cannot be changed` };
  const stored = (live.status?.storedVersions ?? []).filter((version) => !wanted.spec.versions.some(({ name }) => name === version));
  if (stored.length > 0) return { kind: 'refuse', message: `objects are stored as ${stored.join(', ')} (status.storedVersions), which it would no longer have` };
  const served = ({ spec }: Crd): string[] => spec.versions.filter((version) => version.served).map(({ name }) => name);
  return { kind: 'apply', unserved: served(live).filter((version) => !served(wanted).includes(version)) };
}

/** What the annotation says of a CRD: "prometheus-operator 0.85.0 0f3a…". */
export function crdMark({ spec }: Crd, { chart, version }: CrdSource): string {
  return `${nameOf(chart)} ${version} ${createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 16)}`;
}

/** A chart that goes back to an older version leaves its CRDs: what was written meanwhile may need them. Other charts' versions say nothing. */
function isOfNewer(mark: string | undefined, { chart, version }: CrdSource): boolean {
  const [name, of] = mark?.split(' ') ?? [];
  return name === nameOf(chart) && of !== undefined && compareVersions(plain(of), plain(version)) > 0;
}

/** oci://registry/path/chart and chart are the same. */
const nameOf = (chart: string): string => chart.slice(chart.lastIndexOf('/') + 1);
/** Without the v of some, and without build metadata, which has no order (semver.org, 10). */
const plain = (version: string): string => version.replace(/^v/, '').replace(/\+.*$/, '');

/** Which bundle a cluster has: its wish, what it has now, and what there is. */
import { compareMinors, compareVersions, isWithin } from '../../api/cluster-bundle.ts';
import { annotations } from '../../api/labels.ts';
import { OperatorError } from '../errors.ts';
import type { BundleObject } from './bundle-object.ts';

export type BundlePolicy =
  /** Every new bundle at once. */
  | { readonly kind: 'latest' }
  /** The one it has, until its Kubernetes moves to another minor; then the newest. */
  | { readonly kind: 'with-kubernetes' }
  /** This one. */
  | { readonly kind: 'pinned'; readonly version: string };

/** @throws {OperatorError} BUNDLE_SETTINGS_INVALID */
export function parsePolicy(text: string): BundlePolicy {
  if (text === 'latest' || text === 'with-kubernetes') return { kind: text };
  if (/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(text)) return { kind: 'pinned', version: text };
  throw new OperatorError('BUNDLE_SETTINGS_INVALID', `${annotations.bundle} "${text}" is neither latest nor with-kubernetes nor the version of a bundle, as 1.2.3`);
}

/** What a cluster has, as its Apps say. */
export interface Present {
  readonly version: string;
  readonly kubernetes: string;
}

export type Choice =
  | { readonly kind: 'bundle'; readonly bundle: BundleObject; readonly kubernetes: string }
  | { readonly kind: 'none'; readonly message: string };

export interface ChoiceInput {
  /** Those that are valid. */
  readonly bundles: readonly BundleObject[];
  readonly policy: BundlePolicy;
  readonly present: Present | undefined;
  /** Minor that the API server answers with. */
  readonly kubernetes: string;
}

/** While API servers of two minors answer side by side the newer one counts: nothing goes back. */
export function chooseBundle({ bundles, policy, present, kubernetes: now }: ChoiceInput): Choice {
  const kubernetes = present && compareMinors(present.kubernetes, now) > 0 ? present.kubernetes : now;
  if (policy.kind === 'pinned') return named(bundles, policy.version, kubernetes);
  if (policy.kind === 'with-kubernetes' && present && present.kubernetes === kubernetes) return named(bundles, present.version, kubernetes);
  const newest = bundles.filter(({ spec }) => isWithin(kubernetes, spec.kubernetes)).sort((a, b) => compareVersions(b.spec.version, a.spec.version))[0];
  if (newest) return { kind: 'bundle', bundle: newest, kubernetes };
  return { kind: 'none', message: `no ClusterBundle is for Kubernetes ${kubernetes}; there are ${listed(bundles)}` };
}

function named(bundles: readonly BundleObject[], version: string, kubernetes: string): Choice {
  const found = bundles.find(({ spec }) => spec.version === version);
  if (!found) return { kind: 'none', message: `there is no valid ClusterBundle of version ${version}; there are ${listed(bundles)}` };
  const { min, max } = found.spec.kubernetes;
  if (!isWithin(kubernetes, found.spec.kubernetes)) return { kind: 'none', message: `bundle ${version} is for Kubernetes ${min} to ${max}, and this cluster runs ${kubernetes}; choose another with the annotation ${annotations.bundle}` };
  return { kind: 'bundle', bundle: found, kubernetes };
}

function listed(bundles: readonly BundleObject[]): string {
  if (bundles.length === 0) return 'none';
  return bundles.map(({ spec }) => `${spec.version} (${spec.kubernetes.min} to ${spec.kubernetes.max})`).join(', ');
}

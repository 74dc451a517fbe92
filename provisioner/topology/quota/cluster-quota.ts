/** Whether a Cluster fits into its organization's quota, as a pure function. */
import type { Organization } from '../../api/organization.ts';
import { allowedBy, type Amount, amountText, type Amounts, excessOf, type Footprint, sumOf } from '../../preflight/footprint.ts';
import type { Refusal } from './review.ts';

export interface QuotaQuestion {
  readonly organization: Organization;
  /** What the Cluster would be. */
  readonly wanted: Footprint;
  /** What it is; absent for a new one. */
  readonly before?: Footprint | undefined;
  /** Of the organization's other Clusters. */
  readonly others: readonly Footprint[];
}

/** Only what grows is refused: a Cluster may shrink where there is too much already, and may change what is not counted. */
export function quotaRefusal({ organization, wanted, before, others }: QuotaQuestion): Refusal {
  const { name } = organization.metadata;
  const allowed = allowedBy(organization.spec.quota);
  const unknown = unknownFlavors(organization, allowed, { wanted, before });
  if (unknown !== undefined) return unknown;
  const grown = excessOf(sumOf([...others, wanted]), allowed).filter((excess) => grows(excess.name, wanted, before));
  if (grown.length === 0) return undefined;
  const sentences = grown.map((excess) => `${amountText(excess.name, excess.used)} of ${quantityOf(excess.name, excess.allowed)}`);
  return `organization ${name} would have ${sentences.join(', ')}: ask for less, delete what is not needed, or have the quota of the Organization raised${contact(organization)}`;
}

const grows = (name: Amount, wanted: Amounts, before: Amounts | undefined): boolean => wanted[name] > (before?.[name] ?? 0);
const quantityOf = (name: Amount, value: number): string => (name === 'memory' ? amountText(name, value).replace(' memory', '') : String(value));

function unknownFlavors(organization: Organization, allowed: Partial<Amounts>, { wanted, before }: Pick<QuotaQuestion, 'wanted' | 'before'>): Refusal {
  if (allowed.cores === undefined && allowed.memory === undefined) return undefined;
  const unknown = wanted.unknownFlavors.filter((flavor) => !before?.unknownFlavors.includes(flavor));
  if (unknown.length === 0) return undefined;
  const known = organization.status?.flavors?.map(({ name }) => name) ?? [];
  if (known.length === 0) return `organization ${organization.metadata.name} has a quota of cores or memory, and the sizes of its flavors are not known yet: see its condition IdentitiesReady`;
  return `no project of organization ${organization.metadata.name} has the flavor ${unknown.join(', ')}, so its cores cannot be counted; there are ${known.slice(0, 20).join(', ')}`;
}

const contact = ({ spec }: Organization): string => {
  const whom = spec.contact?.email ?? spec.contact?.url;
  return whom === undefined ? '' : ` (its contact is ${whom})`;
};

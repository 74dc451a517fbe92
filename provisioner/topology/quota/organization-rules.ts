/** What an Organization must not be beside others, and when it may go, as pure functions. */
import { organizationIdentitiesReady, type Reason } from '../../api/conditions.ts';
import { annotations, labels } from '../../api/labels.ts';
import { organizationNamespace } from '../../api/names.ts';
import type { Organization } from '../../api/organization.ts';
import type { KubeObject } from '../../kube/types.ts';
import type { Refusal } from './review.ts';

/** A project belongs to one organization: whoever has its credentials reaches everything in it. Only projects that are new to the Organization are asked about. */
export function projectRefusal(wanted: Organization, before: Organization | undefined, others: readonly Organization[]): Refusal {
  const had = new Set(before?.spec.identities?.map(({ project }) => project));
  for (const { project } of wanted.spec.identities ?? []) {
    if (had.has(project)) continue;
    const owner = others.find((other) => other.metadata.name !== wanted.metadata.name && other.spec.identities?.some((identity) => identity.project === project));
    if (owner) return `project ${project} belongs to organization ${owner.metadata.name}, and a credential reaches everything in its project: make a project of its own for ${wanted.metadata.name}`;
  }
  return undefined;
}

/** A namespace that nobody gave to the organization stays whose it is. */
export function namespaceRefusal(organization: Organization, namespace: KubeObject | undefined): Refusal {
  const { name } = organization.metadata;
  if (!namespace || namespace.metadata.labels?.[labels.organization] === name) return undefined;
  return `namespace ${organizationNamespace(name)} is there and not this organization's: label it ${labels.organization}=${name} to hand it over with all that is in it, or choose another name`;
}

/** No new cluster with credentials of which it is known that they are somebody else's. */
export function identityRefusal({ metadata, status }: Organization): Refusal {
  const condition = status?.conditions?.find(({ type }) => type === organizationIdentitiesReady.type);
  const wrong: readonly string[] = ['ProjectTaken', 'ProjectDiffers'] satisfies Reason<typeof organizationIdentitiesReady>[];
  return condition?.status === 'False' && wrong.includes(condition.reason) ? `organization ${metadata.name} gets no new clusters: ${condition.message}` : undefined;
}

/** @param clusters names of those that are there */
export function deletionRefusal({ metadata }: Organization, clusters: readonly string[]): Refusal {
  if (clusters.length === 0 || metadata.annotations?.[annotations.confirmDeletion] === metadata.name) return undefined;
  return `organization ${metadata.name} has ${clusters.length === 1 ? 'the cluster' : `${clusters.length} clusters,`} ${clusters.slice(0, 10).join(', ')}: delete them first, or confirm that they go too with: kubectl annotate organization ${metadata.name} ${annotations.confirmDeletion}=${metadata.name}`;
}

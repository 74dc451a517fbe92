/** Whether an organization's credentials are what was declared: they log in, to the declared project, which is nobody else's. Also the sizes of the flavors there. */
import { organizationIdentitiesReady, type Reason } from '../../api/conditions.ts';
import { organizationNamespace } from '../../api/names.ts';
import type { FlavorSize, OrganizationIdentity } from '../../api/organization.ts';
import type { Organization } from './organization-object.ts';
import type { KubeClient } from '../../kube/index.ts';
import { CloudError, Compute, parseClouds, Session } from '../../openstack/index.ts';
import { secretOf } from '../../preflight/identity-secret.ts';

export interface Verdict {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason<typeof organizationIdentitiesReady>;
  readonly message: string;
}
export interface Checked {
  readonly verdict: Verdict;
  /** undefined where a cloud did not say; what was known before stays. */
  readonly flavors: readonly FlavorSize[] | undefined;
}

/** Who has a project that `organization` declares too, and was there before it. */
export function earlierOwner(organization: Organization, all: readonly Organization[]): { readonly project: string; readonly owner: string } | undefined {
  const age = ({ metadata }: Organization): string => `${metadata.creationTimestamp ?? ''} ${metadata.uid ?? ''}`;
  for (const { project } of organization.spec.identities) {
    const owner = all.find((other) => other.metadata.uid !== organization.metadata.uid && age(other) < age(organization) && other.spec.identities.some((identity) => identity.project === project));
    if (owner) return { project, owner: owner.metadata.name };
  }
  return undefined;
}

/** Asks every cloud once. @throws KubeError */
export async function checkIdentities(client: KubeClient, organization: Organization, signal: AbortSignal): Promise<Checked> {
  const { identities } = organization.spec;
  if (identities.length === 0) return { verdict: { status: 'False', reason: 'NoIdentity', message: 'no identity is declared, so there can be no clusters' }, flavors: [] };
  const flavors: FlavorSize[] = [];
  for (const identity of identities) {
    const result = await checkIdentity(client, { identity, organization: organization.metadata.name }, signal);
    if ('reason' in result) return { verdict: result, flavors: undefined };
    flavors.push(...result.flavors);
  }
  return { verdict: { status: 'True', reason: 'Verified', message: identities.map(({ type, name, project }) => `${type} ${name} is for project ${project}`).join('; ') }, flavors: largest(flavors) };
}

async function checkIdentity(client: KubeClient, { identity, organization }: { identity: OrganizationIdentity; organization: string }, signal: AbortSignal): Promise<Verdict | { readonly flavors: readonly FlavorSize[] }> {
  const what = `${identity.type} ${identity.name}`;
  let session: Session | undefined;
  try {
    const { clouds, ca } = await secretOf(client, { ...identity, namespace: organizationNamespace(organization), of: `Organization ${organization}` }, signal);
    const cloud = parseClouds(clouds, identity.cloudName);
    if (identity.authUrl !== undefined && trimmed(cloud.auth.auth_url) !== trimmed(identity.authUrl)) return differs(`${what} names another cloud than authUrl; nothing was asked of it`);
    session = new Session({ cloud, userAgent: 'keelson-operator', ...(ca === undefined ? {} : { ca }) });
    const project = await session.projectId(signal);
    if (project !== identity.project) return differs(`${what} is for project ${project ?? '(none)'}, declared is ${identity.project}`);
    return { flavors: (await new Compute(session).flavors({ signal })).map(({ name, vcpus, ram }) => ({ name, cores: vcpus, memoryMiB: ram })) };
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return error.code === 'CLOUD_CONFIG' ? { status: 'False', reason: 'SecretInvalid', message: error.message } : { status: 'Unknown', reason: 'CloudUnreachable', message: `${what}: ${error.message}` };
  } finally {
    session?.close();
  }
}

const differs = (message: string): Verdict => ({ status: 'False', reason: 'ProjectDiffers', message });
const trimmed = (url: string): string => url.replace(/\/+$/, '');

/** One size per name, the larger of two projects; sorted. At most as many as the status holds. */
function largest(flavors: readonly FlavorSize[]): FlavorSize[] {
  const sizes = new Map<string, FlavorSize>();
  for (const { name, cores, memoryMiB } of flavors) {
    const before = sizes.get(name);
    sizes.set(name, { name, cores: Math.max(cores, before?.cores ?? 0), memoryMiB: Math.max(memoryMiB, before?.memoryMiB ?? 0) });
  }
  return [...sizes.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, 512);
}

/**
 * The application credential of a workload cluster: its own, with the calls it needs and no others, renewed every month. The
 * credentials the cluster was made with stay in the management cluster. The Secret `<cluster>-cloud-credential` beside the
 * Cluster is all there is to know of it; Keystone shows a secret once.
 */
import { stringify } from 'yaml';
import { clusterCredentialReady, type Reason } from '../../../api/conditions.ts';
import { annotations, labels } from '../../../api/labels.ts';
import { clusterTag, workloadCredentialSecretName, workloadCloudName } from '../../../api/names.ts';
import { keyOf, type KubeObject, resources } from '../../../kube/index.ts';
import { type Cloud, CloudError, Identity, type NewApplicationCredential, type Session } from '../../../openstack/index.ts';
import type { ClusterFinding } from '../../../preflight/finding.ts';
import type { OperatorContext } from '../../context.ts';
import type { WholeCluster } from '../whole-cluster.ts';
import { reportCondition } from '../report.ts';
import { workloadAccessRules } from './access-rules.ts';

interface CredentialSecret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

const day = 86_400_000;
/** A new one after a month, while the old one has two more: two months of failing renewals are survived. */
const renewAfterMs = 30 * day;
const lifetimeMs = 90 * day;
/** How long the old one works on after a renewal: cluster-apps delivers the new one within five minutes, and pods roll. */
const graceMs = day;

/** On the Secret: which credential it holds, since when, and which one it replaced. */
const idAnnotation = 'keelson.dev/credential-id';
const sinceAnnotation = 'keelson.dev/credential-since';
const fieldManager = 'keelson-cluster-credential';

/** What a cluster's own credential may hold, of the roles of the credentials it is made with. */
const workloadRoles: readonly string[] = ['member', 'load-balancer_member'];

export interface CredentialAccess {
  readonly cloud: Cloud;
  readonly ca: string | undefined;
  readonly session: Session;
}

/** Whether the Secret holds a credential that needs no attention now. Asks the management cluster only. */
export async function isCredentialFresh(context: OperatorContext, cluster: WholeCluster, signal: AbortSignal): Promise<boolean> {
  const secret = await find(context, cluster, signal);
  if (!secret) return false;
  const since = sinceOf(secret);
  // Provided by a person: nothing of ours to renew.
  if (since === undefined) return true;
  const ageMs = context.clock.now().getTime() - since;
  return ageMs < renewAfterMs && (ageMs < graceMs || secret.metadata.annotations?.[annotations.credentialsToRevoke] !== 'true');
}

/** Makes it, renews it, revokes what was replaced. @returns what keeps it from being made; @throws CloudError where the cloud does not answer */
export async function ensureCredential(context: OperatorContext, cluster: WholeCluster, access: CredentialAccess, signal: AbortSignal): Promise<ClusterFinding | undefined> {
  const secret = await find(context, cluster, signal);
  const since = secret && sinceOf(secret);
  if (secret && since === undefined) {
    await say(context, cluster, { status: 'True', reason: 'Provided', message: `Secret ${keyOf(secret.metadata)} was made by somebody else and is used as it is` }, signal);
    return undefined;
  }
  const ageMs = since === undefined ? Infinity : context.clock.now().getTime() - since;
  if (secret && ageMs < renewAfterMs) {
    if (ageMs > graceMs && secret.metadata.annotations?.[annotations.credentialsToRevoke] === 'true') await revokeOthers(context, cluster, access, { keep: secret.metadata.annotations[idAnnotation], secret }, signal);
    return undefined;
  }
  try {
    const made = await mint(context, cluster, access.session, signal);
    await write(context, cluster, access, { made, hasOld: secret !== undefined }, signal);
    await say(context, cluster, { status: 'True', reason: 'Minted', message: `application credential ${made.name}, until ${made.expires_at ?? 'revoked'}` }, signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof CloudError) || !['CLOUD_FORBIDDEN', 'CLOUD_INVALID', 'CLOUD_NOT_FOUND'].includes(error.code)) throw error;
    return cannotMint(context, cluster, access, error, signal);
  }
}

/** Every credential of the cluster. An operator that died between Keystone's answer and the Secret left one that nobody knows; it carries the tag too. */
export async function revokeCredentials(session: Session, tag: string, keep: string | undefined, signal: AbortSignal): Promise<readonly string[]> {
  const identity = new Identity(session);
  const ours = (await identity.applicationCredentials({ signal })).filter(({ id, name }) => name.startsWith(`${tag}-`) && id !== keep);
  for (const { id } of ours) await identity.deleteApplicationCredential(id, { signal });
  return ours.map(({ name }) => name);
}

async function mint(context: OperatorContext, cluster: WholeCluster, session: Session, signal: AbortSignal): Promise<NewApplicationCredential> {
  const now = context.clock.now();
  // Never a role that rules over others; Octavia has roles of its own. Keystone takes no list for all of them.
  const held = await session.roles(signal);
  const roles = held.filter((role) => workloadRoles.includes(role));
  if (roles.length === 0) throw new CloudError('CLOUD_FORBIDDEN', `they hold the roles ${held.join(', ') || '(none)'} in their project, and none of those that a cluster may have (${workloadRoles.join(', ')}); give their user the role member, and load-balancer_member for Octavia`);
  return new Identity(session).createApplicationCredential({
    name: `${clusterTag(cluster.metadata)}-${now.getTime().toString(36)}`,
    description: `Cluster ${keyOf(cluster.metadata)}: cloud controller manager and CSI driver; made and renewed by keelson-operator`,
    expiresAt: new Date(now.getTime() + lifetimeMs),
    roles,
    accessRules: workloadAccessRules,
  }, { signal });
}

async function write({ client, clock }: OperatorContext, cluster: WholeCluster, access: CredentialAccess, o: { made?: NewApplicationCredential; hasOld: boolean }, signal: AbortSignal): Promise<void> {
  const { name, namespace = '', uid } = cluster.metadata;
  const { auth_url } = access.cloud.auth;
  const { region_name, interface: endpoints, verify } = access.cloud;
  const auth = o.made ? { auth_url, application_credential_id: o.made.id, application_credential_secret: o.made.secret } : access.cloud.auth;
  const entry = { auth_type: o.made ? 'v3applicationcredential' : undefined, auth, region_name, interface: endpoints, verify };
  const clouds = stringify({ clouds: { [workloadCloudName]: JSON.parse(JSON.stringify(entry)) as object } });
  const held = { [idAnnotation]: o.made?.id ?? 'shared', [sinceAnnotation]: clock.now().toISOString() };
  await client.apply(resources.secrets, {
    apiVersion: 'v1', kind: 'Secret', type: 'Opaque',
    metadata: {
      name: workloadCredentialSecretName(name), namespace, labels: { [labels.clusterName]: name, [labels.managedBy]: 'keelson', [labels.move]: 'true' },
      annotations: { ...held, ...(o.hasOld ? { [annotations.credentialsToRevoke]: 'true' } : {}) },
      ...(uid === undefined ? {} : { ownerReferences: [{ apiVersion: cluster.apiVersion, kind: cluster.kind, name, uid }] }),
    },
    data: { 'clouds.yaml': Buffer.from(clouds).toString('base64'), ...(access.ca === undefined ? {} : { cacert: Buffer.from(access.ca).toString('base64') }) },
  } as KubeObject, { fieldManager, force: true, signal });
}

async function revokeOthers(context: OperatorContext, cluster: WholeCluster, { session }: CredentialAccess, o: { keep: string | undefined; secret: KubeObject }, signal: AbortSignal): Promise<void> {
  const gone = await revokeCredentials(session, clusterTag(cluster.metadata), o.keep, signal);
  await context.client.patch(resources.secrets, { namespace: o.secret.metadata.namespace ?? '', name: o.secret.metadata.name }, { type: 'merge', body: { metadata: { annotations: { [annotations.credentialsToRevoke]: null } } }, signal });
  context.log.info({ cluster: keyOf(cluster.metadata), revoked: gone }, 'application credentials that were replaced are revoked');
}

/** What a person has to do, and the one thing that needs no more rights: saying that the cluster may have the management credential. */
async function cannotMint(context: OperatorContext, cluster: WholeCluster, access: CredentialAccess, error: CloudError, signal: AbortSignal): Promise<ClusterFinding | undefined> {
  if (cluster.metadata.annotations?.[annotations.workloadCredential] === 'shared') {
    await write(context, cluster, access, { hasOld: false }, signal);
    await say(context, cluster, { status: 'True', reason: 'Shared', message: `the cluster has the credentials it was made with, as the annotation ${annotations.workloadCredential} allows; whoever reads Secrets of its kube-system can do with the project what they can` }, signal);
    return undefined;
  }
  const message = `these credentials cannot make an application credential for the cluster: ${error.message}`;
  const fix = `give clouds.yaml a user with a password or an unrestricted application credential; or make Secret ${workloadCredentialSecretName(cluster.metadata.name)} with a clouds.yaml of its own (docs/clusters.md, "Credentials"); or set the annotation ${annotations.workloadCredential}: shared`;
  await say(context, cluster, { status: 'False', reason: 'CannotMint', message: `${message}; ${fix}` }, signal);
  return { rule: 'cloud/credentials', severity: 'error', path: 'spec.topology.variables.cloud.identity', message, fix };
}

function say(context: OperatorContext, cluster: WholeCluster, said: { status: 'True' | 'False'; reason: Reason<typeof clusterCredentialReady>; message: string }, signal: AbortSignal): Promise<void> {
  return reportCondition(context, cluster, { type: clusterCredentialReady.type, ...said }, signal);
}

function find({ client }: OperatorContext, { metadata: { namespace = '', name } }: WholeCluster, signal: AbortSignal): Promise<CredentialSecret | undefined> {
  return client.get<CredentialSecret>(resources.secrets, { namespace, name: workloadCredentialSecretName(name) }, { signal });
}

/** Milliseconds since the epoch; undefined for a Secret that somebody else made. */
function sinceOf(secret: KubeObject): number | undefined {
  const text = secret.metadata.annotations?.[sinceAnnotation];
  return text === undefined ? undefined : Date.parse(text);
}

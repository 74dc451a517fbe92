/** The life of a ClusterAccess: let in or refused, signed, kept until it expires or its requester loses the role, and then gone with everything it had. */
import { accessObjectName, type ClusterAccess, durationMs, maxOpenPerRequester } from '../../api/cluster-access.ts';
import { keyOf, type KubeClient, type ObjectRef, type ReconcileResult, type Request, resources } from '../../kube/index.ts';
import { type Cluster, hasControlPlane, isDeleting, isManaged } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { apiServerOf } from '../monitoring/api-server.ts';
import type { RemoteClusters } from '../remote.ts';
import { OperatorError } from '../errors.ts';
import { certificateSubject } from './identity.ts';
import type { AccessCounters } from './metrics.ts';
import { accessSecret, type AccessSecret, type Issued, issuedIn, ownerOf, readersOf } from './objects.ts';
import type { OpenRequests } from './open-requests.ts';
import { type AccessReason, isOpen, isRefused, readyOf, reportAccess } from './report.ts';
import { roleMissing } from './reviews.ts';
import type { RoleDoubts } from './role-doubts.ts';
import { signLogin } from './signing.ts';
import type { Signers } from './signers.ts';

export interface AccessOptions {
  readonly context: OperatorContext;
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined };
  readonly accesses: { get(ref: ObjectRef): ClusterAccess | undefined; items(): ClusterAccess[] };
  readonly remotes: RemoteClusters;
  readonly signers: Signers;
  readonly requests: OpenRequests;
  readonly doubts: RoleDoubts;
  readonly counters: AccessCounters;
  /** Has `refuseSurplus` called for a request, behind those that will be served. */
  readonly refuseLater: (request: Request) => void;
}

const fieldManager = 'keelson-access';
/** A refused request stays so long for its writer to read why. */
const refusedKeptMs = 5 * 60_000;
/** Until Cluster API has written a kubeconfig; its Secret wakes the request anyway. */
const waitingMs = 30_000;

export class AccessReconciler {
  readonly #o: AccessOptions;

  constructor(options: AccessOptions) {
    this.#o = options;
  }

  async reconcile(request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
    const { context, accesses, requests, counters } = this.#o;
    const access = accesses.get(request);
    if (!access || isDeleting(access)) return await this.#gone(request, signal);
    const now = context.clock.now();
    const endsAt = new Date(access.status?.expiresAt ?? endOf(access));
    if (isRefused(access)) return await this.#forgetRefused(access, now, signal);
    if (endsAt <= now) return await this.#end(access, signal);
    if (isOpen(access, now)) {
      requests.learn(access);
      counters.learn(access);
      return await this.#keep(access, endsAt, signal);
    }
    // A thousand requests of one person are decided in a moment; telling them so must not hold up the others.
    if (!requests.grant(access, accesses.items())) return this.#o.refuseLater(request);
    const refusal = await this.#refusal(access, signal);
    if (refusal) return await this.#refuse(access, refusal, signal);
    return await this.#issue(access, endsAt, signal);
  }

  /** Tells a request that there are too many of its requester; lets it in after all where one has ended meanwhile. */
  async refuseSurplus(request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
    const { accesses, requests } = this.#o;
    const access = accesses.get(request);
    if (!access || isDeleting(access) || isRefused(access)) return;
    if (requests.grant(access, accesses.items())) return await this.reconcile(request, signal);
    await this.#refuse(access, { reason: 'TooManyOpen', message: `${access.spec.requester.username} has ${maxOpenPerRequester} open requests; delete some, or wait until they expire` }, signal);
  }

  /** Deleted before its time. What it had goes by our own hand: a garbage collector may be slow, and is there for when we were not. */
  async #gone(request: Request, signal: AbortSignal): Promise<void> {
    const { context, requests } = this.#o;
    const key = keyOf(request);
    if (!requests.has(key)) return;
    const secret = await context.client.get<AccessSecret>(resources.secrets, { namespace: request.namespace, name: accessObjectName(request.name) }, { signal });
    // Under the same name there may be a new request already.
    if (secret && requests.uidOf(key) === ownerOf(secret)) await this.#deleteObjects(request, signal);
    this.#over(key, requests.uidOf(key));
  }

  /** Nothing of it is remembered any more. */
  #over(key: string, uid = ''): void {
    const { context, requests, doubts, counters } = this.#o;
    counters.ended(key, context.clock.now());
    doubts.forget(uid);
    requests.end(key);
  }

  /** Open: nothing happens until its time is over, unless there is doubt whether its requester still has the role. */
  async #keep(access: ClusterAccess, endsAt: Date, signal: AbortSignal): Promise<ReconcileResult> {
    const { context: { client, clock }, doubts } = this.#o;
    if (doubts.isDue(access)) {
      const askedAtMs = clock.monotonicMs();
      const missing = await roleMissing(client, access, signal);
      if (missing !== undefined) return await this.#takeBack(access, missing, signal);
      doubts.allay(access, askedAtMs);
    }
    const leftMs = Math.max(1, endsAt.getTime() - clock.now().getTime());
    return { requeueAfterMs: Math.min(leftMs, doubts.nextMs(access) ?? Infinity) };
  }

  /** Ended although its time is not over. The Secret goes first: who is killed here asks again. The rights in the cluster go with the status. */
  async #takeBack(access: ClusterAccess, missing: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { context } = this.#o;
    const { requester, cluster } = access.spec;
    const { namespace = '', uid = '' } = access.metadata;
    const message = `${requester.username} no longer has ${missing} in ${namespace}: the login to cluster ${cluster} has ended`;
    await this.#deleteObjects(access.metadata, signal);
    const isNew = await reportAccess(context, access, { status: 'False', reason: 'RoleRefused', message }, signal, { secretName: null, expiresAt: context.clock.now().toISOString() });
    if (isNew) context.events.event(access, 'Warning', 'RoleRefused', message);
    this.#over(keyOf(access.metadata), uid);
    return { requeueAfterMs: refusedKeptMs };
  }

  async #refusal(access: ClusterAccess, signal: AbortSignal): Promise<{ reason: AccessReason; message: string } | undefined> {
    const { context, clusters } = this.#o;
    const { requester, cluster: name } = access.spec;
    const { namespace = '' } = access.metadata;
    const cluster = clusters.get({ namespace, name });
    if (!cluster || isDeleting(cluster) || !isManaged(cluster)) return { reason: 'ClusterNotFound', message: `there is no Cluster ${namespace}/${name} that is managed here` };
    this.#o.doubts.begin(access);
    const missing = await roleMissing(context.client, access, signal);
    return missing === undefined ? undefined : { reason: 'RoleRefused', message: `${requester.username} has not ${missing} in ${namespace}` };
  }

  async #refuse(access: ClusterAccess, refusal: { reason: AccessReason; message: string }, signal: AbortSignal): Promise<ReconcileResult> {
    const { context, requests, counters, doubts } = this.#o;
    requests.end(keyOf(access.metadata));
    doubts.forget(access.metadata.uid ?? '');
    if (await reportAccess(context, access, { status: 'False', ...refusal }, signal)) {
      counters.refused(access, refusal.reason);
      context.events.event(access, 'Warning', refusal.reason, refusal.message);
    }
    return { requeueAfterMs: refusedKeptMs };
  }

  async #forgetRefused(access: ClusterAccess, now: Date, signal: AbortSignal): Promise<ReconcileResult | void> {
    const since = new Date(readyOf(access)?.lastTransitionTime ?? now).getTime();
    const leftMs = since + refusedKeptMs - now.getTime();
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    await this.#delete(access, signal);
  }

  async #issue(access: ClusterAccess, endsAt: Date, signal: AbortSignal): Promise<ReconcileResult> {
    const { context, remotes, signers, counters } = this.#o;
    const ref = { namespace: access.metadata.namespace ?? '', name: access.spec.cluster };
    const cluster = this.#o.clusters.get(ref);
    const kubeconfig = remotes.kubeconfig(ref);
    if (!cluster || !hasControlPlane(cluster) || kubeconfig === undefined) return await this.#wait(access, signal);
    try {
      const issued = (await this.#found(access, signal)) ?? (await this.#sign(access, { kubeconfig, endsAt, signer: await signers.get(ref, signal) }, signal));
      const isNew = await reportAccess(context, access, { status: 'False', reason: 'ApplyingRights', message: 'the certificate is signed; its rights are on the way' }, signal, issued);
      if (isNew) counters.issued(access, new Date(issued.expiresAt));
      return { requeueAfterMs: Math.max(1000, new Date(issued.expiresAt).getTime() - context.clock.now().getTime()) };
    } catch (error) {
      // The next try begins with a token of its own: the account may have been deleted.
      signers.forget(ref);
      await reportAccess(context, access, { status: 'False', reason: 'SigningFailed', message: error instanceof OperatorError ? error.message : `cluster ${ref.name} does not answer` }, signal);
      throw error;
    }
  }

  async #wait(access: ClusterAccess, signal: AbortSignal): Promise<ReconcileResult> {
    await reportAccess(this.#o.context, access, { status: 'False', reason: 'WaitingForCluster', message: `cluster ${access.spec.cluster} has no kubeconfig yet` }, signal);
    return { requeueAfterMs: waitingMs };
  }

  /** What an operator left that was killed between the Secret and the status. */
  async #found(access: ClusterAccess, signal: AbortSignal): Promise<Issued | undefined> {
    const ref = { namespace: access.metadata.namespace ?? '', name: accessObjectName(access.metadata.name) };
    return issuedIn(await this.#o.context.client.get<AccessSecret>(resources.secrets, ref, { signal }), access);
  }

  async #sign(access: ClusterAccess, o: { readonly kubeconfig: string; readonly endsAt: Date; readonly signer: KubeClient }, signal: AbortSignal): Promise<Issued> {
    const { client, clock } = this.#o.context;
    const now = clock.now();
    const why = `ClusterAccess ${keyOf(access.metadata)} of ${access.spec.requester.username}`.slice(0, 1000);
    const login = await signLogin(o.signer, certificateSubject(access), { lifeMs: o.endsAt.getTime() - now.getTime(), why, clock, signal });
    const issued: Issued = {
      secretName: accessObjectName(access.metadata.name), serialNumber: login.serialNumber,
      issuedAt: now.toISOString(), expiresAt: new Date(Math.min(o.endsAt.getTime(), login.notAfter.getTime())).toISOString(),
    };
    const { role, binding } = readersOf(access);
    await client.apply(resources.roles, role, { fieldManager, force: true, signal });
    await client.apply(resources.roleBindings, binding, { fieldManager, force: true, signal });
    await client.apply(resources.secrets, accessSecret(access, { login, api: apiServerOf(o.kubeconfig), issued }), { fieldManager, force: true, signal });
    return issued;
  }

  /** Its time is over. The Secret goes first. */
  async #end(access: ClusterAccess, signal: AbortSignal): Promise<void> {
    const { context } = this.#o;
    if (access.status?.secretName !== undefined) await this.#deleteObjects(access.metadata, signal);
    context.events.event(access, 'Normal', 'Expired', `the login of ${access.spec.requester.username} to cluster ${access.spec.cluster} has ended`);
    await this.#delete(access, signal);
    this.#over(keyOf(access.metadata), access.metadata.uid);
  }

  async #deleteObjects({ namespace = '', name }: { readonly namespace?: string; readonly name: string }, signal: AbortSignal): Promise<void> {
    for (const resource of [resources.secrets, resources.roleBindings, resources.roles]) await this.#o.context.client.delete(resource, { namespace, name: accessObjectName(name) }, { signal });
  }

  async #delete({ metadata: { namespace, name, uid } }: ClusterAccess, signal: AbortSignal): Promise<void> {
    await this.#o.context.client.delete(resources.clusterAccesses, { namespace, name }, { uid, signal });
  }
}

/** Counted from the request, so that waiting for a cluster makes nothing last longer. */
function endOf({ metadata, spec }: ClusterAccess): number {
  return new Date(metadata.creationTimestamp ?? 0).getTime() + (durationMs(spec.ttl) ?? 0);
}


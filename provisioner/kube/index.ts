/** The public face of this room. */
export { KubeClient, type ApplyOptions, type CallOptions, type DeleteOptions, type KubeClientOptions, type List, type ListOptions, type PatchOptions, type RawRequest, type RawResponse, type WatchOptions } from './client.ts';
export { type Clock, type Random, sleep, systemClock, systemRandom } from './clock.ts';
export { type ChangeSource, Controller, type ControllerMetrics, type ControllerOptions, type ReconcileResult, type Request, source, type Source } from './controller.ts';
export { isKubeError, KubeError, type KubeErrorCode } from './errors.ts';
export { keyOf, parseKey } from './key.ts';
export { type Log, silentLog } from './log.ts';
export { WorkQueue, type WorkQueueOptions } from './queue.ts';
export { BucketLimiter, controllerRateLimiter, ExponentialLimiter, MaxOfLimiter, type RateLimiter } from './rate-limiter.ts';
export { Reflector, type ReflectorOptions, type ReflectorStatus } from './reflector.ts';
export { apiVersionOf, pathOf, resources } from './resources.ts';
export type { Change } from './store.ts';
export type { Condition, KubeObject, ObjectMeta, ObjectRef, OwnerReference, Resource, Status, WatchEvent } from './types.ts';
export { inCluster, type InClusterOptions, tokenFromFile } from './in-cluster.ts';
export { fromKubeconfig, type KubeconfigOptions } from './kubeconfig.ts';
export type { Credentials, CredentialSource } from './transport.ts';

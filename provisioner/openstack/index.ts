/** The public face of this room. */
export { BlockStorage, type BlockStorageLimits, type SnapshotRecord, type VolumeRecord, type VolumeTypeRecord } from './block-storage.ts';
export { parseClouds, type Cloud } from './clouds.ts';
export { Compute, type ComputeLimits, type FlavorRecord, type ServerGroupRecord, type ServerRecord } from './compute.ts';
export { CloudError, type CloudErrorCode } from './errors.ts';
export type { Answer } from './http.ts';
export { Identity, type AccessRule, type ApplicationCredentialOptions, type ApplicationCredentialRecord, type NewApplicationCredential } from './identity.ts';
export { Image, type ImageRecord } from './image.ts';
export { LoadBalancer, type LoadBalancerRecord, type ProviderRecord } from './load-balancer.ts';
export {
  Network, type Deletion, type FloatingIpRecord, type NetworkCollection, type NetworkRecord, type PortRecord, type Quota, type RouterRecord, type SecurityGroupRecord, type SecurityGroupRuleRecord, type SubnetRecord,
} from './network.ts';
export { Session, type CallOptions, type ServiceType, type SessionOptions } from './session.ts';

/** The public face of this room. */
export { parseClouds, type Cloud } from './clouds.ts';
export { Compute, type FlavorRecord, type ServerRecord } from './compute.ts';
export { CloudError, type CloudErrorCode } from './errors.ts';
export { Image, type ImageRecord } from './image.ts';
export { Network, type FloatingIpRecord, type NetworkRecord, type PortRecord, type RouterRecord, type SubnetRecord } from './network.ts';
export { Session, type CallOptions, type ServiceType, type SessionOptions } from './session.ts';

/** Public face of the fabric. */
export { externalNetwork } from './external-network.ts';
export { NetworkFabric } from './fabric.ts';
export { NetworkError, type NetworkErrorCode } from './errors.ts';
export { bridgeName, tapName } from './names.ts';

/** Public face of the fabric. */
export { run } from './command.ts';
export { externalNetwork } from './external-network.ts';
export { NetworkFabric } from './fabric.ts';
export { NetworkError, type NetworkErrorCode } from './errors.ts';
export { bridgeName, tapName } from './names.ts';

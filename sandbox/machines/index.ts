/** Simulated servers: namespaces of this machine that boot from user data. */
export { MachineHost, type HostedServer, type MachineHostOptions } from './machine-host.ts';
export { MachineError, type MachineErrorCode } from './errors.ts';
export { availableImages, nodeImages, type NodeImage } from './node-images.ts';
export type { ServerSpec } from './seed.ts';
export type { ExecOptions, ExecResult } from './server-process.ts';

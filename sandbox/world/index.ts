/** Public face of the world: what the command line and tests use. */
export { WorldClient } from './client.ts';
export type { ExecRequest, ExecResult, RelayRequest, RelayStatus, ServerStatus, WorldStatus } from './control-api.ts';
export { WorldError, type WorldErrorCode } from './errors.ts';
export { cleanUp, startWorld, stopWorld, type StartedWorld, type WorldOptions } from './supervisor.ts';
export { worldPaths, type WorldPaths } from './world-paths.ts';

/** The public face of the simulated cloud. */
export { createCloud, usualPorts, type Cloud, type CloudOptions } from './cloud.ts';
export { systemClock, type Clock, type Random } from './clock.ts';
export type { Delays, Log } from './core.ts';
export { FaultError, type FaultErrorCode } from './faults/errors.ts';
export {
  answersWith, appliesByHalf, checkTogether, delays, expiresTokens, faultRuleFields, hangs, limitsRate, readFaultRule, resets, type ActiveFault, type FaultEffect, type FaultRule,
} from './faults/rule.ts';
export type { CallCount } from './http/access-log.ts';
export type { ServiceName } from './http/service.ts';
export { noOpFabric, noOpHypervisor, noOpStorage } from './no-op.ts';
export type { Fabric, Hypervisor, Storage, WantedLoadBalancer, WantedRouter, WantedServer } from './seams.ts';
export { cloudsOf, defaultSeed, type Seed } from './seed.ts';
export { openStore, type CloudStore } from './store/store.ts';
export { StoreError, type StoreErrorCode } from './store/errors.ts';
export type { CloudState } from './state.ts';

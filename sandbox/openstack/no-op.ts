/** A fabric and a hypervisor that do nothing: the API alone, as contract and unit tests want it. */
import type { Fabric, Hypervisor, Storage } from './seams.ts';

/** Accepts everything at once and reports no health. */
export function noOpFabric(): Fabric {
  const done = (): Promise<void> => Promise.resolve();
  return {
    ensureNetwork: done, removeNetwork: done, ensureRouter: done, removeRouter: done,
    ensureLoadBalancer: done, removeLoadBalancer: done, onHealth: () => undefined, stop: done,
  };
}

/** Boots at once; the console says which server it belongs to. */
export function noOpHypervisor(): Hypervisor {
  const done = (): Promise<void> => Promise.resolve();
  return {
    boot: done, revive: done, reboot: done, stopServer: done, startServer: done, destroy: done, attachVolume: done, detachVolume: done, onExit: () => undefined,
    consoleLog: (id) => Promise.resolve(`server ${id} has no console here\n`),
  };
}

/** Volumes without content. */
export function noOpStorage(): Storage {
  const done = (): Promise<void> => Promise.resolve();
  return { create: done, extend: done, snapshot: done, remove: done };
}

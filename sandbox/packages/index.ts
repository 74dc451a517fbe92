/** System packages of the sandbox. */
export { ensurePackages, parsePackageList, type PackagesOptions, type PackagesOutcome } from './ensure.ts';
export { PackagesError, type PackagesErrorCode } from './errors.ts';
export { systemCommands, type SystemCommand } from './packages.ts';

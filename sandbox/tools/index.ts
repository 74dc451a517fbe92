/** The tools of the sandbox: pinned, found or built, in one folder. */
export { cacheDirectory, ensureTools, pinnedCatalogue } from './ensure.ts';
export { ToolsError, type ToolsErrorCode } from './errors.ts';
export { families, type Family } from './families.ts';
export { ensureModule, type ModuleOptions } from './modules.ts';
export { etcdVersions, isToolName, kubernetesVersion, kubernetesVersions, pinOf, previousKubernetesVersion, toolNames, toolsFolderOf, tools, type FamilyName, type Tool, type ToolName } from './pins.ts';
export { ensurePreviousKubernetes, previousKubernetes } from './previous-kubernetes.ts';
export { textProgress, type ToolsProgress } from './progress.ts';
export { usualToolNames } from './usual-tools.ts';
export type { BuiltFamily, Catalogue, EnsureOptions, ResolvedTool, ToolSet } from './tool-set.ts';

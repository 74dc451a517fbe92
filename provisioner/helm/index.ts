/** The public face of this room. */
export { Helm, type HelmOptions } from './driver.ts';
export type { ChartRef, ReleaseRef, Template, UpgradeInstall } from './options.ts';
export { HelmError, isFinal, type HelmErrorCode } from './errors.ts';
export type { Kubeconfig } from './files.ts';
export { objectsOf, type ObjectReference } from './manifest.ts';
export type { ListedRelease, Release, ReleaseStatus, Revision } from './output.ts';
export { leaves, redact } from './redact.ts';
export { mergeValues, type Values } from './values.ts';

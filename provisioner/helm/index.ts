/** The public face of this room. */
export { Helm, type ChartRef, type HelmOptions, type ReleaseRef, type Template, type UpgradeInstall } from './driver.ts';
export { HelmError, isFinal, type HelmErrorCode } from './errors.ts';
export type { Kubeconfig } from './files.ts';
export { objectsOf, type ObjectReference } from './manifest.ts';
export type { ListedRelease, Release, ReleaseStatus, Revision } from './output.ts';
export { leaves, redact } from './redact.ts';
export { mergeValues, type Values } from './values.ts';

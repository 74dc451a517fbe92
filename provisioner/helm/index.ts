/** The public face of this room. */
export { Helm, type HelmOptions } from './driver.ts';
export type { ChartRef, ReleaseRef, Template, UpgradeInstall } from './options.ts';
export { type SchemaViolation, schemaViolations } from './classify.ts';
export { stillPending } from './recover.ts';
export { chartCrds, type Crd, mayHaveCrds } from './crds.ts';
export { HelmError, isFinal, type HelmErrorCode } from './errors.ts';
export type { Kubeconfig } from './files.ts';
export { objectsOf, type ObjectReference } from './manifest.ts';
export type { ListedRelease, Release, ReleaseStatus, Revision } from './output.ts';
export { manifestObjects, type ManifestObject, readRecord, recordName, recordSelector, type ReleaseRecord, withStatus } from './record.ts';
export { type Layer, type Origin, provenance, valuesOf } from './provenance.ts';
export { chartDefaults, type ChartFiles, chartMetadata, readChart } from './chart-files.ts';
export { AddressPolicy, type AddressPolicyOptions } from './repository/address-policy.ts';
export { RepositoryError, type RepositoryErrorCode } from './repository/errors.ts';
export { ChartStore, type ChartStoreOptions, type Repository } from './repository/store.ts';
export { leaves, redact } from './redact.ts';
export { mergeValues, type Values } from './values.ts';

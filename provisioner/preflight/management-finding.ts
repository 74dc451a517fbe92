/** Findings about a management cluster. */
import type { Finding } from '../../policies/findings/finding.ts';
import { apiVersionOf, type KubeObject, type Resource } from '../kube/index.ts';

/** Rule → what it demands. The names are stable. */
export const managementRules = {
  'management/kubernetes': 'Kubernetes is one that Cluster API 1.14 is tested with.',
  'management/kind': 'Every kind we write or read is served in its version.',
  'management/contract': 'CRDs of providers carry the contract labels by which Cluster API finds versions.',
  'management/gate': 'Cluster API runs with the feature gates ClusterTopology and RuntimeSDK; for nodes that Ignition sets up with KubeadmBootstrapFormatIgnition.',
  'management/version': 'The managers of Cluster API and CAPO are of the minor versions that this Keelson is made for.',
  'management/class': 'The ClusterClass is published and its extension discovered.',
  'management/workload': 'Operator and topology extension run with more than one replica.',
  'management/webhook': 'Every admission webhook has a CA and a Service with endpoints.',
  'management/right': 'The operator may do what its controllers do.',
} as const;

export const finding = (rule: keyof typeof managementRules, object: Finding['object'], rest: { path?: string; message: string; fix: string; severity?: Finding['severity'] }): Finding => ({
  rule, object, path: rest.path ?? '', message: rest.message, fix: rest.fix, severity: rest.severity ?? 'error',
});
export const named = (resource: Resource, name: string, namespace?: string): Finding['object'] => ({ apiVersion: apiVersionOf(resource), kind: resource.kind, ...(namespace === undefined ? {} : { namespace }), name });

/** What is read of a Deployment. */
export interface Deployment extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly template?: { readonly spec?: { readonly containers?: readonly { readonly name: string; readonly image?: string; readonly args?: readonly string[] }[] } } };
  readonly status?: { readonly readyReplicas?: number };
}

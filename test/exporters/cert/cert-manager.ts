/** The kinds of cert-manager, for an API server without it. */
import type { KubeObject } from '../../../provisioner/kube/types.ts';

/** The kinds of cert-manager v1 as far as the exporter reads them; everything else passes. */
export const crd = (plural: string, kind: string, scope: 'Namespaced' | 'Cluster'): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${plural}.cert-manager.io` },
  spec: {
    group: 'cert-manager.io', scope, names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
    versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }],
  },
});

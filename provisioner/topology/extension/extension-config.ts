/** The ExtensionConfig as the operator applies it. The certificates reconciler fills in the caBundle, by the annotation. */
import { annotations, labels } from '../../api/labels.ts';
import { extensionConfigName, systemNamespace, topologyExtensionName, topologyExtensionSecret } from '../../api/names.ts';
import type { KubeObject } from '../../kube/types.ts';
import { managementEgressSetting } from '../patches/inputs.ts';
import { operatorDecides } from './lifecycle.ts';

/** @param managementEgress CIDRs from which this management cluster reaches API servers; load balancers that let in only some always let these in */
export function extensionConfig(managementEgress: readonly string[] = []): KubeObject {
  return {
    apiVersion: 'runtime.cluster.x-k8s.io/v1beta2',
    kind: 'ExtensionConfig',
    metadata: {
      name: extensionConfigName,
      labels: { [labels.managedBy]: 'keelson' },
      annotations: { [annotations.injectCaFrom]: `${systemNamespace}/${topologyExtensionSecret}` },
    },
    spec: {
      clientConfig: { service: { namespace: systemNamespace, name: topologyExtensionName, port: 443 } },
      // Empty: asked for Clusters in every namespace; only those of our class name our handlers.
      namespaceSelector: {},
      settings: { ...operatorDecides, ...(managementEgress.length ? { [managementEgressSetting]: managementEgress.join(',') } : {}) },
    },
  };
}

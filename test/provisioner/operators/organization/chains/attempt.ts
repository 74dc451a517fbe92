/** One object that somebody would make, as a step; and those that are tried in every kind of cluster. */
import type { Step } from './steps.ts';

interface Attempt {
  readonly what: string;
  readonly goal: string;
  readonly apiGroup: string;
  readonly version?: string;
  readonly kind: string;
  readonly plural: string;
  readonly object: object;
  readonly namespace?: string | undefined;
}

export function attempt({ what, goal, apiGroup, version = 'v1', kind, plural, object, namespace }: Attempt): Step {
  const { metadata = { name: 'chain-step' }, ...rest } = object as { metadata?: object };
  return {
    what: `${what}${namespace === undefined ? '' : ` in ${namespace}`}`, leads: { kind: 'goal', what: goal }, needs: [{ verb: 'create', apiGroup, resource: plural, ...(namespace === undefined ? {} : { namespace }) }],
    writes: {
      method: 'POST', path: `${apiGroup ? `/apis/${apiGroup}` : '/api'}/${version}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}`,
      body: { apiVersion: apiGroup ? `${apiGroup}/${version}` : version, kind, metadata: { ...metadata, ...(namespace === undefined ? {} : { namespace }) }, ...rest },
    },
  };
}

/** What holds for everything that an API server admits. */
export function admissionSteps(): Step[] {
  const admission = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding'];
  const plural = (kind: string): string => (kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`).toLowerCase();
  return [
    ...admission.map((kind) => attempt({ what: kind, goal: 'decides what is admitted', apiGroup: 'admissionregistration.k8s.io', kind, plural: plural(kind), object: {} })),
    attempt({ what: 'ClusterRoleBinding', goal: 'is cluster-admin', apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', object: { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' }, subjects: [] } }),
  ];
}

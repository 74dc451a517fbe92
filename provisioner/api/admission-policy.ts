/**
 * Policies that the API server itself holds objects to, in CEL, so that nothing of ours has to run for them: each with the binding
 * that makes it hold, and fail-closed.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export type PolicyObject = { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name: string }; readonly spec: object };

const apiVersion = 'admissionregistration.k8s.io/v1';

/** Refuses what one of its validations does not allow. GA since Kubernetes 1.30. @param spec without the failure policy */
export function validatingPolicy(name: string, spec: object): [policy: PolicyObject, binding: PolicyObject] {
  return [
    { apiVersion, kind: 'ValidatingAdmissionPolicy', metadata: { name }, spec: { failurePolicy: 'Fail', ...spec } },
    { apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name, validationActions: ['Deny'] } },
  ];
}

/** Writes into objects, once each, before they are validated. GA since Kubernetes 1.36. @param spec without the policies of failure and reinvocation */
export function mutatingPolicy(name: string, spec: object): [policy: PolicyObject, binding: PolicyObject] {
  return [
    { apiVersion, kind: 'MutatingAdmissionPolicy', metadata: { name }, spec: { failurePolicy: 'Fail', reinvocationPolicy: 'Never', ...spec } },
    { apiVersion, kind: 'MutatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name } },
  ];
}

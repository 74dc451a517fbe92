/** The API server as the search asks it: by impersonation, in dry runs. */
import type { BindingItem } from '../../../../../policies/tenancy/lint/rbac-objects.ts';
import type { Identity } from '../../../../../policies/tenancy/rights/evaluate.ts';
import type { ResourceRequest } from '../../../../../policies/tenancy/rights/rule.ts';
import { type KubeClient, type KubeObject, resources } from '../../../../../provisioner/kube/index.ts';
import type { Asking } from './search.ts';
import type { Write } from './steps.ts';

const rbac = 'rbac.authorization.k8s.io';

/** @param client of system:masters */
export function asking(client: KubeClient): Asking {
  let held = 0;
  return {
    async refusal(identity, write) {
      const { status, text } = await as(client, identity, { ...write, query: { dryRun: 'All' } });
      // What is there already was admitted; anything but a refusal says that the search asks wrongly.
      if (status < 300 || status === 409) return undefined;
      const { message = '' } = JSON.parse(text) as { message?: string };
      if (status !== 403 && status !== 422) throw new Error(`${write.method} ${write.path}: ${status} ${message}`);
      return `${status} ${message}`;
    },
    async during(binding, run) {
      const object = { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { name: `chain-${held++}`, namespace: binding.ref.namespace ?? '' }, roleRef: { apiGroup: rbac, ...binding.roleRef }, subjects: subjectsOf(binding) };
      await client.create<KubeObject>(resources.roleBindings, object);
      try {
        await run();
      } finally {
        await client.delete(resources.roleBindings, object.metadata);
      }
    },
  };
}

/** SelfSubjectAccessReview. */
export async function said(client: KubeClient, identity: Identity, { apiGroup, ...attributes }: ResourceRequest): Promise<boolean> {
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { group: apiGroup, ...attributes } } };
  const { text } = await as(client, identity, { method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body });
  return (JSON.parse(text) as { status: { allowed?: boolean } }).status.allowed === true;
}

/** SelfSubjectRulesReview: what may be written there, as `group/resource`. */
export async function writable(client: KubeClient, identity: Identity, namespace: string): Promise<string[]> {
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } };
  const { text } = await as(client, identity, { method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', body });
  const { status } = JSON.parse(text) as { status: { resourceRules: { verbs: string[]; apiGroups: string[]; resources: string[] }[] } };
  return status.resourceRules.filter(({ verbs }) => verbs.some((verb) => !reading.has(verb))).flatMap(({ apiGroups, resources: plurals }) => apiGroups.flatMap((group) => plurals.map((plural) => `${group}/${plural}`)));
}
const reading = new Set(['get', 'list', 'watch']);

async function as(client: KubeClient, { user, groups }: Identity, { method, path, body, query = {} }: Write & { readonly query?: Record<string, string> }): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json', 'impersonate-user': user, ...(groups.length ? { 'impersonate-group': [...groups] } : {}) };
  const answer = await client.request({ method, path, query, headers: headers as unknown as Record<string, string>, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: answer.status, text: answer.body.toString() || '{}' };
}

const subjectsOf = ({ subjects }: BindingItem): object[] => subjects.map(({ kind, name }) => ({ apiGroup: rbac, kind, name }));

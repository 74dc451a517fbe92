/** What tests of admission policies need: the kinds, and who was denied with which words. */
import { type KubeClient, type Resource, resources } from '../../../provisioner/kube/index.ts';

export const admissionPolicies: Resource = { group: 'admissionregistration.k8s.io', version: 'v1', plural: 'validatingadmissionpolicies', kind: 'ValidatingAdmissionPolicy', namespaced: false };
export const admissionPolicyBindings: Resource = { ...admissionPolicies, plural: 'validatingadmissionpolicybindings', kind: 'ValidatingAdmissionPolicyBinding' };

export interface Denial {
  /** One for every validation that failed. */
  readonly messages: readonly string[];
  /** The API server's own validation refused it, before any policy was asked. */
  readonly isInvalid: boolean;
}

/** Creates the pod for show, under a name of its own: upstream's are not all DNS names. undefined: it was admitted. */
export async function denialOf(client: KubeClient, pod: object, namespace: string): Promise<Denial | undefined> {
  const named = { ...pod, metadata: { ...(pod as { metadata: object }).metadata, name: 'dry-run' } };
  const { status, body } = await client.request({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/pods`,
    query: { dryRun: 'All' },
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(named),
  });
  if (status === 201) return undefined;
  const answer = JSON.parse(body.toString()) as { message: string; details?: { causes?: { message: string }[] } };
  if (status !== 403 && status !== 422) throw new Error(`${status}: ${answer.message}`);
  return { messages: answer.details?.causes?.map((cause) => cause.message) ?? [answer.message], isInvalid: status === 422 };
}

/** The API server takes a moment to see a policy, its binding and their parameters. */
export async function untilEnforced(client: KubeClient, namespace: string): Promise<void> {
  const bad = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bad' }, spec: { hostNetwork: true, containers: [{ name: 'a', image: 'a' }] } };
  for (let attempt = 0; attempt < 300; attempt++) {
    const denial = await denialOf(client, bad, namespace).catch((error: Error) => error);
    if (denial instanceof Error && attempt === 299) throw denial;
    if (denial && !(denial instanceof Error) && denial.messages.some((message) => message.includes('hostNamespaces'))) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${namespace}: a bad pod is still admitted`);
}

export async function createNamespace(client: KubeClient, name: string, labels: Record<string, string> = {}): Promise<void> {
  await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
}

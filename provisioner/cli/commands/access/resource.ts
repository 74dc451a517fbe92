/** "pods/exec", "deployments", "clusters.cluster.x-k8s.io": what a person calls a resource, as the API server names it. */
import type { KubeClient } from '../../../kube/index.ts';
import { CliError } from '../../errors.ts';

export interface NamedResource {
  readonly apiGroup: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly isNamespaced: boolean;
}

/** apidiscovery.k8s.io/v2, what is read of it. */
interface Discovery {
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions: readonly { readonly resources?: readonly { readonly resource: string; readonly scope: 'Namespaced' | 'Cluster'; readonly singularResource?: string; readonly shortNames?: readonly string[] }[] }[];
  }[];
}

/** What the API server serves says which group is meant; a resource that nothing serves is taken as it is written with its group. @throws CliError CLI_BAD_OPTION */
export async function namedResource(client: KubeClient, text: string, signal: AbortSignal): Promise<NamedResource> {
  const [whole = '', subresource] = text.split('/');
  const [name = '', ...rest] = whole.split('.');
  const group = rest.join('.');
  const tail = subresource === undefined ? {} : { subresource };
  const lists = await Promise.all(['/api', '/apis'].map(async (path) => {
    const { status, body } = await client.request({ method: 'GET', path, headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' }, signal });
    return status === 200 ? ((JSON.parse(body.toString('utf8')) as Discovery).items ?? []) : [];
  }));
  const served = lists.flat().flatMap(({ metadata, versions }) => versions.flatMap(({ resources = [] }) => resources.map((one) => ({ ...one, group: metadata?.name ?? '' }))));
  const found = served.find((one) => (group === '' || one.group === group) && (one.resource === name || one.singularResource === name || one.shortNames?.includes(name)));
  if (found) return { apiGroup: found.group, resource: found.resource, isNamespaced: found.scope === 'Namespaced', ...tail };
  if (group !== '') return { apiGroup: group, resource: name, isNamespaced: true, ...tail };
  throw new CliError('CLI_BAD_OPTION', `the cluster serves no resource "${name}"; write it as <plural>.<group>, such as deployments.apps`);
}

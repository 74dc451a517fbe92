/** The kubeconfig of a cluster that takes tokens of an OIDC issuer: nothing is asked for and nothing is secret in it. */
import { labels } from '../../../api/labels.ts';
import { connectionName } from '../../../api/names.ts';
import { authentication } from '../../../api/variables/authentication.ts';
import { type KubeClient, type KubeObject, resources } from '../../../kube/index.ts';
import { CliError } from '../../errors.ts';
import { oidcKubeconfig } from '../access/exec-kubeconfig.ts';

interface ClusterObject extends KubeObject {
  readonly spec?: { readonly topology?: { readonly variables?: readonly { readonly name: string; readonly value?: unknown }[] } };
}

/** undefined where the Cluster has no issuer, or the operator has not said yet how it is reached. @throws CliError LOGIN_REFUSED for a ConfigMap that is not the operator's */
export async function oidcLogin(client: KubeClient, cluster: ClusterObject, signal: AbortSignal): Promise<string | undefined> {
  const { namespace = '', name } = cluster.metadata;
  const api = cluster.spec?.topology?.variables?.find((variable) => variable.name === 'api')?.value as { authentication?: unknown } | undefined;
  const issuer = authentication.safeParse(api?.authentication ?? {}).data?.issuers[0];
  const [clientId] = issuer?.audiences ?? [];
  if (!issuer || clientId === undefined) return undefined;
  const connection = await client.get<KubeObject & { data?: Record<string, string> }>(resources.configMaps, { namespace, name: connectionName(name) }, { signal });
  const { server, 'ca.crt': ca, 'tls-server-name': serverName } = connection?.data ?? {};
  if (!connection || server === undefined) return undefined;
  if (connection.metadata.labels?.[labels.access] !== 'connection') throw new CliError('LOGIN_REFUSED', `ConfigMap ${namespace}/${connectionName(name)} is not the operator's (label ${labels.access}); do not trust it, tell an admin`);
  return oidcKubeconfig({ name: `${namespace}-${name}`, server, ca, serverName, issuerUrl: issuer.url, clientId });
}

/**
 * A proxy for containerd, the only thing on a node that speaks to the outside. The kubelet gets none: the address of the API
 * server is not known yet when a node is described, and it must never be asked through a proxy.
 */
import type { Inputs } from '../../patches/inputs.ts';
import { file, type NodePart } from '../part.ts';

const dropIn = '/etc/systemd/system/containerd.service.d/10-keelson-proxy.conf';

export function proxy(inputs: Inputs): NodePart {
  const wanted = inputs.variables.os.proxy;
  if (!wanted) return {};
  const variables = { HTTP_PROXY: wanted.http, HTTPS_PROXY: wanted.https, NO_PROXY: noProxy(inputs).join(',') };
  const lines = Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [`Environment="${name}=${value}"\n`]));
  return { files: [file(dropIn, `[Service]\n${lines.join('')}`)], before: ['systemctl daemon-reload', 'systemctl restart containerd'] };
}

/** What is never asked through the proxy: this node, its network, pods, Services, the metadata service, and what the user adds. */
export function noProxy({ variables, builtin }: Inputs): string[] {
  const { pods = [], services = [], serviceDomain = 'cluster.local' } = builtin.cluster.network ?? {};
  const own = ['localhost', '127.0.0.1', '::1', '169.254.169.254', variables.network.nodeCidr, ...pods, ...services, '.svc', `.${serviceDomain}`];
  return [...new Set([...own, ...(variables.os.proxy?.noProxy ?? [])])];
}

/** Mirrors of image registries: one hosts.toml each, which containerd reads at every pull. https://github.com/containerd/containerd/blob/main/docs/hosts.md */
import type { Variables } from '../../../api/variables/index.ts';
import { file, type NodeFile, type NodePart } from '../part.ts';

type Mirror = Variables['os']['registryMirrors'][number];

export const registryMirrors = ({ registryMirrors: mirrors }: Variables['os']): NodePart => ({ files: mirrors.map(hostsFile) });

/** What docker.io is called when one speaks to it. */
const serverOf = (registry: string): string => (registry === 'docker.io' ? 'https://registry-1.docker.io' : `https://${registry}`);

function hostsFile({ registry, endpoints, credentialsSecret }: Mirror): NodeFile {
  const path = `/etc/containerd/certs.d/${registry}/hosts.toml`;
  if (credentialsSecret !== undefined) return { path, contentFrom: { secret: { name: credentialsSecret, key: 'hosts.toml' } }, permissions: '0600', owner: 'root:root' };
  const hosts = endpoints.map((endpoint) => `\n[host."${endpoint}"]\n  capabilities = ["pull", "resolve"]\n`);
  return file(path, `server = "${serverOf(registry)}"\n${hosts.join('')}`);
}

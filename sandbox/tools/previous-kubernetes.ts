/**
 * The second Kubernetes, one minor before the pinned one: what upgrades start from. A catalogue of its own, so that it is
 * built only when somebody asks for it; its programs keep their names, in a folder beside the others.
 */
import { ensureTools } from './ensure.ts';
import { kubernetesFamily } from './families.ts';
import { etcdVersions, previousKubernetesVersion, tools, toolsFolderOf } from './pins.ts';
import type { Catalogue, EnsureOptions, ToolSet } from './tool-set.ts';

const family = kubernetesFamily('kubernetes-1.35', previousKubernetesVersion);

export const previousKubernetes: Catalogue = {
  families: [family],
  tools: tools
    .filter((tool) => tool.family === 'kubernetes')
    .map((tool) => ({ ...tool, family: family.name, version: (tool.name === 'etcd' ? etcdVersions[previousKubernetesVersion] : undefined) ?? previousKubernetesVersion })),
  source: import.meta.dirname,
};

/** Its programs, built when they are not there. KEELSON_TOOLS_DIR and PATH are not asked: they have one version. @throws ToolsError */
export function ensurePreviousKubernetes(options: Omit<EnsureOptions, 'catalogue' | 'folder' | 'toolsDir' | 'path'>): Promise<ToolSet> {
  return ensureTools({ ...options, path: '', catalogue: previousKubernetes, folder: toolsFolderOf('bin', previousKubernetesVersion) });
}

/** Files that exist only while a command runs: a kubeconfig holds keys, so it is readable for us alone and removed whatever happens. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How to reach a cluster: a file that somebody else keeps, or the content of one. */
export type Kubeconfig = { readonly path: string } | { readonly content: string };

/** Calls `use` with a private folder (mode 0700) that holds `home` for Helm's own files and, if content was given, the kubeconfig (mode 0600). */
export async function withWorkspace<T>(
  tempDir: string, kubeconfig: Kubeconfig | undefined, use: (workspace: { readonly home: string; readonly kubeconfigPath?: string }) => Promise<T>,
): Promise<T> {
  const home = await mkdtemp(join(tempDir, 'keelson-helm-'));
  try {
    if (!kubeconfig) return await use({ home });
    if ('path' in kubeconfig) return await use({ home, kubeconfigPath: kubeconfig.path });
    const kubeconfigPath = join(home, 'kubeconfig');
    await writeFile(kubeconfigPath, kubeconfig.content, { mode: 0o600 });
    return await use({ home, kubeconfigPath });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

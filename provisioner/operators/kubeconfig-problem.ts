/**
 * Whether a kubeconfig that somebody put into a Secret may be used. A kubeconfig can name programs to run and files to read;
 * here they would run in the operator's pod, with all that it can reach.
 */
import { load } from 'js-yaml';

/** Fields that make a client run or read something: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ */
const refused = {
  users: { exec: 'runs a program', 'auth-provider': 'runs an auth provider', tokenFile: 'reads a file', 'client-certificate': 'reads a file', 'client-key': 'reads a file', as: 'acts as somebody else' },
  clusters: { 'certificate-authority': 'reads a file', 'proxy-url': 'goes through a proxy' },
} as const;
const inner = { users: 'user', clusters: 'cluster' } as const;

/** Why it must not be used; undefined where it may. All of its entries count, also those of other contexts. Says field names, never content. */
export function kubeconfigProblem(text: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = load(text);
  } catch {
    return 'the kubeconfig is not valid YAML';
  }
  for (const list of ['users', 'clusters'] as const) {
    const entries = (parsed as Record<string, unknown> | null)?.[list];
    if (entries === undefined || entries === null) continue;
    if (!Array.isArray(entries)) return `the kubeconfig has no list of ${list}`;
    for (const entry of entries as readonly (Record<string, unknown> | null)[]) {
      const fields = entry?.[inner[list]];
      if (typeof fields !== 'object' || fields === null) continue;
      const found = Object.entries(refused[list]).find(([field]) => field in fields);
      if (found) return `the kubeconfig ${found[1]} (${list}[].${inner[list]}.${found[0]}), which is refused; put certificates, keys and tokens into it as data`;
    }
  }
  return undefined;
}

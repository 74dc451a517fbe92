/** What a node is given beside kubeadm's own settings: files, and commands before and after kubeadm. Features return parts, a node joins them. */

export interface NodeFile {
  readonly path: string;
  readonly content?: string;
  /** A Secret beside the Cluster; its value reaches the node and nothing else. */
  readonly contentFrom?: { readonly secret: { readonly name: string; readonly key: string } };
  /** Octal, as cloud-init and CIS write it. */
  readonly permissions: '0600' | '0644' | '0700';
  readonly owner: 'root:root';
}

export interface NodePart {
  readonly files?: readonly NodeFile[];
  /** Shell commands before kubeadm runs. */
  readonly before?: readonly string[];
  /** Shell commands after it succeeded. */
  readonly after?: readonly string[];
}

/** In the order given: a later command may rely on what an earlier one did. */
export function joinParts(parts: readonly NodePart[]): Required<NodePart> {
  return {
    files: parts.flatMap(({ files = [] }) => files),
    before: parts.flatMap(({ before = [] }) => before),
    after: parts.flatMap(({ after = [] }) => after),
  };
}

/** Where our files stand on a node; the API server sees this folder, read-only. */
export const folder = '/etc/kubernetes/keelson';

export const file = (path: string, content: string, permissions: NodeFile['permissions'] = '0600'): NodeFile => ({ path, content, permissions, owner: 'root:root' });

/**
 * JSON is YAML too, and every program that reads these files takes it: its bytes follow from the language, not from the
 * version of a YAML writer, and the output of a published class must never change.
 */
export const jsonFile = (path: string, value: unknown): NodeFile => file(path, `${JSON.stringify(value, null, 1)}\n`);

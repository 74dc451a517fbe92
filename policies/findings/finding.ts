/** What a check of manifests has to say about one place in one object. */

export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export interface Finding {
  readonly object: ObjectRef;
  /** Place in the object: "spec.template.spec.containers[0].resources"; empty for the whole object. */
  readonly path: string;
  /** Stable name of the rule: "rbac/wildcard". */
  readonly rule: string;
  /** An error breaks something or opens it; a warning will, when something else changes. */
  readonly severity: 'error' | 'warning';
  /** What is wrong, with the value that was found. */
  readonly message: string;
  /** What to change. */
  readonly fix: string;
  /** Where the object was read from. */
  readonly source?: Source;
}

export interface Source {
  /** Path as the user gave it, or "-" for standard input. */
  readonly file: string;
  /** First line of the object in it, from 1. */
  readonly line?: number;
}

/** "Deployment org-demo/web" */
export function nameOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

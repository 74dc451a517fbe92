/** Findings about one policy, collected while it is read; and shapes with paths. */
import type { z } from 'zod';
import type { PolicyProblem } from '../model.ts';

/** Collects problems of one policy. */
export class Problems {
  readonly found: PolicyProblem[] = [];
  readonly #policy: string;

  /** @param policy as people name it: "CiliumNetworkPolicy kube-system/coredns" */
  constructor(policy: string) {
    this.#policy = policy;
  }

  add(kind: PolicyProblem['kind'], path: string, message: string): void {
    this.found.push({ policy: this.#policy, path, message, kind });
  }

  get isRefused(): boolean {
    return this.found.some((problem) => problem.kind === 'refused');
  }
}

/**
 * The value in its shape, or undefined when it is refused. Unknown fields are no refusal: the API server drops them, so they
 * are reported as without effect and left out.
 */
export function readShape<T>(shape: z.ZodType<T>, value: unknown, problems: Problems): T | undefined {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues;
  const unknown = issues.filter((issue) => issue.code === 'unrecognized_keys');
  for (const issue of unknown) {
    for (const key of issue.keys) problems.add('inert', formatPath([...issue.path, key]), 'no such field: the API server drops it');
  }
  if (unknown.length < issues.length) {
    for (const issue of issues) if (issue.code !== 'unrecognized_keys') problems.add('refused', formatPath(issue.path), issue.message);
    return undefined;
  }
  const copy: unknown = structuredClone(value);
  for (const issue of unknown) {
    const parent = issue.path.reduce((node: unknown, step) => (node as Record<PropertyKey, unknown>)[step], copy) as Record<string, unknown>;
    for (const key of issue.keys) delete parent[key];
  }
  return readShape(shape, copy, problems);
}

/** spec.egress[0].toPorts */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i > 0 ? '.' : ''}${String(step)}`)).join('');
}

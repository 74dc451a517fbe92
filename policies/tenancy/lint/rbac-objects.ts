/** Roles and bindings as the lint reads them; every other kind is left aside. */
import { z } from 'zod';
import { nameOf, type ObjectRef, type Source } from '../../findings/finding.ts';
import { parse, type Input } from './input.ts';

const texts = z.array(z.string()).nullish().transform((value) => value ?? []);
const rule = z.looseObject({ apiGroups: texts, resources: texts, resourceNames: texts, nonResourceURLs: texts, verbs: texts });
const metadata = z.looseObject({ name: z.string().nullish(), namespace: z.string().nullish() });
const role = z.looseObject({ apiVersion: z.string(), kind: z.enum(['Role', 'ClusterRole']), metadata, rules: z.array(rule).nullish().transform((value) => value ?? []) });
const binding = z.looseObject({
  apiVersion: z.string(),
  kind: z.enum(['RoleBinding', 'ClusterRoleBinding']),
  metadata,
  roleRef: z.looseObject({ kind: z.string(), name: z.string() }),
  subjects: z.array(z.looseObject({ kind: z.string(), name: z.string(), namespace: z.string().nullish() })).nullish().transform((value) => value ?? []),
});

export type PolicyRule = z.output<typeof rule>;
export interface RoleItem { readonly ref: ObjectRef; readonly source?: Source; readonly rules: readonly PolicyRule[] }
export interface BindingItem { readonly ref: ObjectRef; readonly source?: Source; readonly roleRef: { readonly kind: string; readonly name: string }; readonly subjects: z.output<typeof binding>['subjects'] }

/** @throws TenancyError TENANCY_SHAPE */
export function rbacObjects(inputs: readonly Input[]): { readonly roles: readonly RoleItem[]; readonly bindings: readonly BindingItem[] } {
  const roles: RoleItem[] = [];
  const bindings: BindingItem[] = [];
  for (const input of inputs) {
    const { apiVersion, kind } = (input.object ?? {}) as { apiVersion?: unknown; kind?: unknown };
    if (typeof apiVersion !== 'string' || !apiVersion.startsWith('rbac.authorization.k8s.io/')) continue;
    if (kind === 'Role' || kind === 'ClusterRole') {
      const { rules, ...head } = parse(role, input, whatIs(input));
      roles.push({ ...itemOf(head, input), rules });
    } else if (kind === 'RoleBinding' || kind === 'ClusterRoleBinding') {
      const { roleRef, subjects, ...head } = parse(binding, input, whatIs(input));
      bindings.push({ ...itemOf(head, input), roleRef, subjects });
    }
  }
  return { roles, bindings };
}

function itemOf(head: { apiVersion: string; kind: string; metadata: z.output<typeof metadata> }, { source }: Input): { ref: ObjectRef; source?: Source } {
  const { name, namespace } = head.metadata;
  return { ref: { apiVersion: head.apiVersion, kind: head.kind, name: name ?? '', ...(namespace ? { namespace } : {}) }, ...(source ? { source } : {}) };
}

function whatIs({ object }: Input): string {
  const { apiVersion = '', kind = '', metadata: head } = object as { apiVersion?: string; kind?: string; metadata?: { name?: string } };
  return nameOf({ apiVersion, kind, name: head?.name ?? '?' });
}

/** Whether one RBAC rule covers a request, as Kubernetes decides it (k8s.io/kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go). */
import type { PolicyRule } from '../lint/rbac-objects.ts';

/** A request for objects. Without a namespace it is about all of them, or about a kind that has none. */
export interface ResourceRequest {
  readonly verb: string;
  /** "" for the core group. */
  readonly apiGroup: string;
  /** Plural. */
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  /** Of one object; not given: of any, as list and create ask. */
  readonly name?: string;
}

/** A request for a path that is no object: /metrics. */
export interface PathRequest {
  readonly verb: string;
  readonly path: string;
}

export type RightsRequest = ResourceRequest | PathRequest;

export const isPath = (request: RightsRequest): request is PathRequest => 'path' in request;

export function covers(rule: PolicyRule, request: RightsRequest): boolean {
  if (!hasOrAll(rule.verbs, request.verb)) return false;
  if (isPath(request)) return rule.nonResourceURLs.some((url) => url === '*' || url === request.path || (url.endsWith('*') && request.path.startsWith(url.slice(0, -1))));
  return hasOrAll(rule.apiGroups, request.apiGroup) && coversResource(rule, request) && (rule.resourceNames.length === 0 || (request.name !== undefined && rule.resourceNames.includes(request.name)));
}

const hasOrAll = (given: readonly string[], wanted: string): boolean => given.includes('*') || given.includes(wanted);

/** "*" covers subresources too; a resource covers none of its subresources; "*" with a subresource covers that one of every resource. */
function coversResource({ resources }: PolicyRule, { resource, subresource }: ResourceRequest): boolean {
  if (hasOrAll(resources, subresource ? `${resource}/${subresource}` : resource)) return true;
  return subresource !== undefined && subresource !== '' && resources.includes(`*/${subresource}`);
}

/**
 * Helm tells what went wrong in English on stderr and always exits 1, so the code of an error is found by the wording.
 * The wordings are those of Helm 4.3 (pkg/action, pkg/kube, pkg/chart), client-go and the API server; first match wins.
 */
import type { HelmErrorCode } from './errors.ts';

interface Wording {
  readonly code: HelmErrorCode;
  readonly pattern: RegExp;
  /** What a person can do about it. */
  readonly advice: string;
}

const wordings: readonly Wording[] = [
  { code: 'HELM_PENDING', pattern: /another operation \(install\/upgrade\/rollback\) is in progress/, advice: 'it is tried again' },
  { code: 'HELM_VALUES_INVALID', pattern: /values don't meet the specifications of the schema/, advice: 'correct the values' },
  {
    code: 'HELM_CRD_REFUSED',
    pattern: /CustomResourceDefinition[^;]*(?:is invalid|cannot patch)|status\.storedVersions|must have exactly one version marked as storage version/,
    advice: 'its objects are stored in a version, or under a name or scope, that the new definition lacks: migrate them with a chart version in between, or by hand (docs/apps.md)',
  },
  {
    code: 'HELM_IMMUTABLE',
    pattern: /field is immutable|may not be changed once set|updates to statefulset spec for fields other than|spec\.selector[^;]*immutable|immutable after creation/,
    advice: 'the API server lets nobody change this field: the object has to be made anew. Nothing is deleted by itself; delete it by hand at a time that suits, and the next try makes it again (docs/apps.md)',
  },
  {
    code: 'HELM_CHART_INVALID',
    pattern: /Chart\.yaml file is missing|chart metadata is missing|parse error at|execution error at|error calling |YAML parse error|can't evaluate field|path "[^"]*" not found|invalid chart|missing in charts\/ directory|chart requires kubeVersion/,
    advice: 'correct the chart or its values',
  },
  { code: 'HELM_KIND_MISSING', pattern: /no matches for kind|resource mapping not found|ensure CRDs are installed first/, advice: 'install the custom resource definitions first' },
  { code: 'HELM_CONFLICT', pattern: /invalid ownership metadata|exists and cannot be imported|conflict with "|Apply failed with \d+ conflict/, advice: 'remove the object or its other owner' },
  {
    code: 'HELM_UNREACHABLE',
    pattern: /cluster unreachable|connection refused|no such host|i\/o timeout|TLS handshake timeout|connection reset by peer|network is unreachable|no route to host|http2: client connection lost|\bEOF$|x509: /,
    advice: 'see whether the API server answers',
  },
  { code: 'HELM_FORBIDDEN', pattern: /is forbidden: User|Unauthorized|must be logged in to the server/, advice: 'see the rights of the kubeconfig' },
  { code: 'HELM_TIMEOUT', pattern: /context deadline exceeded|timed out waiting for the condition|resource .* not ready/, advice: 'see the events of the workloads' },
];

/** The code and an advice for what Helm wrote to stderr. */
export function classify(stderr: string): { readonly code: HelmErrorCode; readonly advice: string } {
  const found = wordings.find(({ pattern }) => pattern.test(stderr));
  return found ?? { code: 'HELM_FAILED', advice: 'see the events of the release\'s objects' };
}

/** The sentence that matters of Helm's stderr: what follows the last "Error:", on one line, at most `maxLength` characters. Warnings and log lines before it are dropped. */
export function lastError(stderr: string, maxLength = 600): string {
  const start = stderr.lastIndexOf('Error: ');
  const text = (start < 0 ? stderr : stderr.slice(start + 'Error: '.length)).trim().replaceAll(/\s*\n\s*/g, '; ');
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}

export interface SchemaViolation {
  /** Keys from the root of the values. */
  readonly path: readonly string[];
  readonly message: string;
}

/** The places in the message of a HELM_VALUES_INVALID: "- at '/controller/replicas': got string, want integer". An unknown key is a place of its own. */
export function schemaViolations(message: string): readonly SchemaViolation[] {
  return [...message.matchAll(/- at '([^']*)': (.*?)(?=;? - at '|; [\w.-]+:; - at|; correct the values|$)/g)].flatMap(([, pointer = '', text = '']) => {
    const path = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const unknown = /^additional propert(?:y|ies) (.*) not allowed$/.exec(text.replace(/;$/, ''))?.[1];
    if (unknown === undefined) return [{ path, message: text.replace(/;$/, '') }];
    return [...unknown.matchAll(/'([^']*)'/g)].map(([, key = '']) => ({ path: [...path, key], message: 'the chart has no such value' }));
  });
}

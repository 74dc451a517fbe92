/**
 * The built-in Pod Security admission as a second line: labels on namespaces, and defaults of the API server for those that
 * have none. It knows no exceptions for single workloads, so it may be as strict as the policy only where there are none.
 * https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-admission-controller/
 */
import type { Level } from '../check.ts';

export interface ModeLevels {
  readonly enforce: Level;
  readonly audit: Level;
  readonly warn: Level;
  /** v1.36 or latest. */
  readonly version: string;
}

/** Labels of a namespace: "pod-security.kubernetes.io/enforce", "…-version" and so on. */
export function namespaceLabels({ version, ...levels }: ModeLevels): Record<string, string> {
  return Object.fromEntries(
    Object.entries(levels).flatMap(([mode, level]) => [
      [`pod-security.kubernetes.io/${mode}`, level],
      [`pod-security.kubernetes.io/${mode}-version`, version],
    ]),
  );
}

/** The file that kube-apiserver reads with --admission-control-config-file. @param exempt namespaces that are not judged at all */
export function admissionConfiguration(levels: ModeLevels, exempt: readonly string[]): object {
  const { version } = levels;
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [
      {
        name: 'PodSecurity',
        configuration: {
          apiVersion: 'pod-security.admission.config.k8s.io/v1',
          kind: 'PodSecurityConfiguration',
          defaults: {
            enforce: levels.enforce, 'enforce-version': version,
            audit: levels.audit, 'audit-version': version,
            warn: levels.warn, 'warn-version': version,
          },
          exemptions: { usernames: [], runtimeClasses: [], namespaces: exempt },
        },
      },
    ],
  };
}

/** Admission plugins of the API server and their configuration. */
import type { Variables } from '../../api/variables/index.ts';

type Admission = Variables['api']['admission'];

/** How many times the rate may come at once. */
const burst = 10;

/** Beside those that are on by default (PodSecurity among them). CIS 1.2.3, 1.2.9, 1.2.11, 1.2.14 */
export function admissionPlugins({ alwaysPullImages }: Admission): string {
  return ['NodeRestriction', 'DenyServiceExternalIPs', 'EventRateLimit', ...(alwaysPullImages ? ['AlwaysPullImages'] : [])].join(',');
}

export function admissionConfiguration({ eventRateLimit, podSecurity }: Admission): object {
  const { serverPerSecond, namespacePerSecond } = eventRateLimit;
  const { enforce, audit, warn, exemptNamespaces } = podSecurity;
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [
      {
        name: 'EventRateLimit',
        configuration: {
          apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1',
          kind: 'Configuration',
          limits: [
            { type: 'Server', qps: serverPerSecond, burst: serverPerSecond * burst },
            { type: 'Namespace', qps: namespacePerSecond, burst: namespacePerSecond * burst, cacheSize: 2000 },
          ],
        },
      },
      {
        name: 'PodSecurity',
        configuration: {
          apiVersion: 'pod-security.admission.config.k8s.io/v1',
          kind: 'PodSecurityConfiguration',
          defaults: { enforce, 'enforce-version': 'latest', audit, 'audit-version': 'latest', warn, 'warn-version': 'latest' },
          exemptions: { usernames: [], runtimeClasses: [], namespaces: exemptNamespaces },
        },
      },
    ],
  };
}

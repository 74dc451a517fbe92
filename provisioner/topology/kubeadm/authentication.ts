/** Who is who: the AuthenticationConfiguration of the API server. Replaces --oidc-* and --anonymous-auth. */
import type { Variables } from '../../api/variables/index.ts';

type Issuer = Variables['api']['authentication']['issuers'][number];

/**
 * What may be read by anyone: health, for the kubelet's probes and for load balancers, and the signed document with which
 * joining nodes find the cluster's CA (kubeadm, bootstrap token discovery). Everything else answers 401 (CIS 1.2.1).
 */
const anonymousPaths = ['/livez', '/readyz', '/healthz', '/api/v1/namespaces/kube-public/configmaps/cluster-info'] as const;

export function authenticationConfiguration(issuers: readonly Issuer[]): object {
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: issuers.map(jwt),
    anonymous: { enabled: true, conditions: anonymousPaths.map((path) => ({ path })) },
  };
}

function jwt(issuer: Issuer): object {
  return {
    issuer: {
      url: issuer.url,
      audiences: issuer.audiences,
      ...(issuer.audiences.length > 1 ? { audienceMatchPolicy: 'MatchAny' } : {}),
      ...(issuer.certificateAuthority === undefined ? {} : { certificateAuthority: issuer.certificateAuthority }),
    },
    claimValidationRules: issuer.requiredClaims.map(({ claim, value }) => ({ claim, requiredValue: value })),
    claimMappings: {
      username: { claim: issuer.usernameClaim, prefix: issuer.usernamePrefix },
      groups: { claim: issuer.groupsClaim, prefix: issuer.groupsPrefix },
    },
  };
}

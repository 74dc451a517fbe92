/**
 * How people prove to the API server who they are: structured authentication, several OIDC issuers.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration (v1 since Kubernetes 1.34)
 */
import { z } from 'zod';
import { rules } from '../openapi.ts';
import { httpsUrl, pem } from './fields.ts';

const claimRule = z.object({
  claim: z.string().min(1).max(256).describe('Claim of the token.'),
  value: z.string().min(1).max(256).describe('Value it must have.'),
});

const issuer = z
  .object({
    url: httpsUrl.describe('Issuer, as in the claim iss and below which /.well-known/openid-configuration is.'),
    audiences: z.array(z.string().min(1).max(256)).min(1).max(8).meta(rules({ rule: 'self.all(one, self.exists_one(other, other == one))', message: 'audiences must not repeat' })).describe('Client ids: one of them must be in the claim aud.'),
    certificateAuthority: pem.optional().describe("Certificate authority of the issuer, PEM. Not given: the image's."),
    usernameClaim: z.string().min(1).max(256).default('sub').describe('Claim that becomes the user name.'),
    usernamePrefix: z.string().max(128).default('oidc:').describe("Put before the user name, so that an issuer cannot speak for users of another kind."),
    groupsClaim: z.string().min(1).max(256).default('groups').describe('Claim that becomes the groups.'),
    groupsPrefix: z.string().max(128).default('oidc:').describe('Put before every group.'),
    requiredClaims: z.array(claimRule).max(16).default([]).meta(rules({ rule: 'self.all(one, self.exists_one(other, other.claim == one.claim))', message: 'claims must not repeat' })).describe('Claims a token must have.'),
  })
  .meta(
    rules(
      { rule: "self.usernameClaim != 'email' || self.usernamePrefix != ''", message: 'a user name from the claim email needs a prefix' },
      { rule: "!self.groupsPrefix.startsWith('system:') && !self.usernamePrefix.startsWith('system:')", message: 'system: belongs to Kubernetes' },
    ),
  );

export const authentication = z
  .object({
    issuers: z
      .array(issuer)
      .max(8)
      .default([])
      .meta(rules({ rule: 'self.all(issuer, self.exists_one(other, other.url == issuer.url))', message: 'issuers must not repeat' }))
      .describe('OIDC issuers whose tokens are taken. Anonymous requests reach the health endpoints and the document that joining nodes read, whatever stands here.'),
  })
  .prefault({})
  .describe('Structured authentication.');

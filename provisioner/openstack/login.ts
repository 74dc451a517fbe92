/** The body of POST /v3/auth/tokens for a cloud: https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management */
import type { Cloud } from './clouds.ts';
import { CloudError } from './errors.ts';

/** @throws CloudError CLOUD_CONFIG when neither an application credential nor a password is complete */
export function loginBody({ auth }: Cloud): object {
  if (auth.application_credential_id && auth.application_credential_secret) {
    return { auth: { identity: { methods: ['application_credential'], application_credential: { id: auth.application_credential_id, secret: auth.application_credential_secret } } } };
  }
  if (auth.application_credential_name && auth.application_credential_secret) {
    return { auth: { identity: { methods: ['application_credential'], application_credential: { name: auth.application_credential_name, secret: auth.application_credential_secret, user: user(auth) } } } };
  }
  if (!auth.password || !(auth.username || auth.user_id)) {
    throw new CloudError('CLOUD_CONFIG', 'clouds.yaml: auth needs an application credential (id or name, and secret) or a user with a password');
  }
  return { auth: { identity: { methods: ['password'], password: { user: { ...user(auth), password: auth.password } } }, ...scope(auth) } };
}

function user(auth: Cloud['auth']): object {
  return auth.user_id ? { id: auth.user_id } : { name: auth.username, domain: domain(auth.user_domain_id ?? auth.domain_id, auth.user_domain_name ?? auth.domain_name) };
}

function scope(auth: Cloud['auth']): object {
  if (auth.project_id) return { scope: { project: { id: auth.project_id } } };
  if (!auth.project_name) return {};
  return { scope: { project: { name: auth.project_name, domain: domain(auth.project_domain_id ?? auth.domain_id, auth.project_domain_name ?? auth.domain_name) } } };
}

function domain(id: string | undefined, name: string | undefined): object {
  return id ? { id } : name ? { name } : { id: 'default' };
}

/** What Keystone remembers. Secrets are kept as salted hashes only, so that a snapshot of the state cannot be used to log in. */

export interface SecretHash {
  readonly salt: string;
  readonly hash: string;
}

export interface ProjectRecord {
  id: string;
  name: string;
  domain_id: string;
  description: string;
  enabled: boolean;
}

export interface UserRecord {
  id: string;
  name: string;
  domain_id: string;
  enabled: boolean;
  default_project_id?: string;
  password: SecretHash;
}

export interface RoleRecord {
  id: string;
  name: string;
}

export interface Assignment {
  user_id: string;
  project_id: string;
  role_id: string;
}

export interface ApplicationCredentialRecord {
  id: string;
  name: string;
  description: string | null;
  user_id: string;
  project_id: string;
  role_ids: string[];
  expires_at: string | null;
  /** null: not said, which is no. */
  unrestricted: boolean | null;
  /** Absent: every call is allowed. */
  access_rule_ids?: string[];
  secret: SecretHash;
}

/** One kind of call that an application credential may make. */
export interface AccessRuleRecord {
  id: string;
  user_id: string;
  /** Type of the service, as in the catalogue. */
  service: string;
  method: string;
  /** `/v2.1/servers/{server_id}`; `*` and `{…}` for one segment, `**` for any text. */
  path: string;
}

export interface TokenRecord {
  /** SHA-256 of the token: the token itself is not kept. */
  id: string;
  user_id: string;
  /** Absent: an unscoped token. */
  project_id?: string;
  methods: string[];
  application_credential_id?: string;
  audit_id: string;
  issued_at_ms: number;
  expires_at_ms: number;
}

export interface KeystoneState {
  domains: Record<string, { id: string; name: string }>;
  projects: Record<string, ProjectRecord>;
  users: Record<string, UserRecord>;
  roles: Record<string, RoleRecord>;
  assignments: Assignment[];
  applicationCredentials: Record<string, ApplicationCredentialRecord>;
  accessRules: Record<string, AccessRuleRecord>;
  tokens: Record<string, TokenRecord>;
}

/** Keystone beyond logging in: application credentials of the session's user. https://docs.openstack.org/api-ref/identity/v3/#application-credentials */
import { z } from 'zod';
import { listAll } from './collection.ts';
import { CloudError } from './errors.ts';
import { checked, deleted, type Deletion } from './network.ts';
import type { CallOptions, Session } from './session.ts';

const credential = z.looseObject({ id: z.string(), name: z.string(), expires_at: z.string().nullable(), project_id: z.string(), unrestricted: z.boolean().nullable().default(null) });
const newCredential = credential.extend({ secret: z.string() });

export type ApplicationCredentialRecord = z.output<typeof credential>;
/** The only time the secret is shown. */
export type NewApplicationCredential = z.output<typeof newCredential>;

/** One kind of call that an application credential may make: `{id}` and `*` stand for one segment of the path, `**` for any text. */
export interface AccessRule {
  /** Type of the service in the catalog. */
  readonly service: string;
  readonly method: string;
  readonly path: string;
}

export interface ApplicationCredentialOptions {
  readonly name: string;
  readonly description?: string;
  readonly expiresAt?: Date;
  /** Names of roles; all of the session's when left out. */
  readonly roles?: readonly string[];
  /** The only calls it may make; every call when left out. Since Keystone 13 (Train, 2019). */
  readonly accessRules?: readonly AccessRule[];
}

type Call = Pick<CallOptions, 'signal'>;

export class Identity {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async applicationCredentials(call: Call = {}): Promise<ApplicationCredentialRecord[]> {
    const path = await this.#path(call);
    const items = await listAll(this.#session, 'identity', { path, name: 'application_credentials' }, call);
    return items.map((item) => checked(credential, item, 'GET application_credentials'));
  }

  /** @throws CloudError CLOUD_FORBIDDEN for a session that is itself an application credential, unless that one is unrestricted */
  async createApplicationCredential(wanted: ApplicationCredentialOptions, call: Call = {}): Promise<NewApplicationCredential> {
    const { name, description, expiresAt, roles, accessRules } = wanted;
    const body = {
      name,
      ...(description === undefined ? {} : { description }),
      ...(expiresAt === undefined ? {} : { expires_at: expiresAt.toISOString().slice(0, 19) }),
      ...(roles === undefined ? {} : { roles: roles.map((role) => ({ name: role })) }),
      ...(accessRules === undefined ? {} : { access_rules: accessRules }),
    };
    const answer = await this.#session.call('identity', 'POST', await this.#path(call), { ...call, body: { application_credential: body } });
    return checked(z.looseObject({ application_credential: newCredential }), answer, 'POST application_credentials').application_credential;
  }

  async deleteApplicationCredential(id: string, call: Call = {}): Promise<Deletion> {
    return deleted(this.#session.call('identity', 'DELETE', `${await this.#path(call)}/${id}`, call));
  }

  async #path(call: Call): Promise<string> {
    const user = await this.#session.userId(call.signal);
    if (user === undefined) throw new CloudError('CLOUD_FAILED', 'log in: the token names no user');
    return `/users/${user}/application_credentials`;
  }
}

import { describe, expect, test } from '@jest/globals';
import { CloudError, parseClouds } from '../../../provisioner/openstack/index.ts';
import { loginBody } from '../../../provisioner/openstack/login.ts';

const yaml = (cloud: string): string => `clouds:\n  mine:\n${cloud.split('\n').map((line) => `    ${line}`).join('\n')}\n`;

function failure(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ code: 'CLOUD_CONFIG' });
    return (error as CloudError).message;
  }
  throw new Error('nothing was thrown');
}

describe('clouds.yaml', () => {
  test('names what it lacks, never what it holds', () => {
    expect(failure(() => parseClouds('a: [', 'mine'))).toBe('clouds.yaml is no YAML');
    expect(failure(() => parseClouds('clouds: {other: {}}', 'mine'))).toContain('it has other');
    const message = failure(() => parseClouds(yaml('auth:\n  auth_url: hunter2-is-no-url'), 'mine'));
    expect(message).toContain('auth.auth_url');
    expect(message).not.toContain('hunter2');
  });

  test('what is neither a password nor an application credential cannot log in', () => {
    expect(failure(() => loginBody(parseClouds(yaml('auth:\n  auth_url: http://k/v3\n  username: me'), 'mine')))).toContain('application credential');
  });

  test('projects and users are found by id, or by name in a domain', () => {
    const by = (auth: string): unknown => loginBody(parseClouds(yaml(`auth:\n  auth_url: http://k/v3\n${auth}`), 'mine'));
    expect(by('  username: me\n  password: pw\n  user_domain_name: Default\n  project_name: p\n  project_domain_id: d')).toEqual({
      auth: {
        identity: { methods: ['password'], password: { user: { name: 'me', domain: { name: 'Default' }, password: 'pw' } } },
        scope: { project: { name: 'p', domain: { id: 'd' } } },
      },
    });
    expect(by('  user_id: u\n  password: pw\n  project_id: p')).toMatchObject({ auth: { identity: { password: { user: { id: 'u' } } }, scope: { project: { id: 'p' } } } });
    expect(by('  application_credential_name: ac\n  application_credential_secret: s\n  username: me\n  user_domain_id: d')).toMatchObject({
      auth: { identity: { application_credential: { name: 'ac', user: { name: 'me', domain: { id: 'd' } } } } },
    });
  });
});

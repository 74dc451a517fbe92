import fc from 'fast-check';
import { parseClouds } from '../../../../provisioner/openstack/index.ts';
import { cloudConf, cloudConfig, cloudConfigChecksum } from '../../../../provisioner/operators/cluster-apps/cloud-conf.ts';
import type { CloudFacts } from '../../../../provisioner/operators/cluster-apps/cloud-facts.ts';

const facts: CloudFacts = {
  routerId: 'r', networkId: 'n', subnetId: 's', floatingNetworkId: 'f', loadBalancerProvider: 'ovn',
  identity: { secret: 'cloud', cloudName: 'openstack' },
};
const credential = parseClouds(
  `clouds: {openstack: {auth: {auth_url: 'http://198.51.100.2:5000/v3', application_credential_id: id1, application_credential_secret: 'se"c\\ret'}, region_name: RegionOne}}`,
  'openstack',
);

describe('cloud.conf', () => {
  it('logs in with an application credential and knows router, subnet and floating network', () => {
    expect(cloudConf(credential, facts, { hasCa: false })).toBe(`[Global]
auth-url="http://198.51.100.2:5000/v3"
region="RegionOne"
application-credential-id="id1"
application-credential-secret="se\\"c\\\\ret"

[LoadBalancer]
floating-network-id="f"
network-id="n"
subnet-id="s"
lb-provider="ovn"
lb-method="SOURCE_IP_PORT"
create-monitor=true

[Route]
router-id="r"
`);
  });

  it('logs in with a password where that is what there is', () => {
    const cloud = parseClouds(
      `clouds: {c: {auth: {auth_url: 'https://k:5000', username: u, password: p, project_name: pr, user_domain_name: Default, project_domain_id: default}}}`, 'c');
    const conf = cloudConf(cloud, facts, { hasCa: true });
    expect(conf).toContain('password="p"');
    expect(conf).toContain('tenant-name="pr"');
    expect(conf).toContain('tenant-domain-id="default"');
    expect(conf).toContain('ca-file="/etc/config/ca.crt"');
  });

  it('lets the region of the cluster win, and asks amphora for no special method', () => {
    const conf = cloudConf(credential, { ...facts, loadBalancerProvider: 'amphora', identity: { ...facts.identity, region: 'Two' } }, { hasCa: false });
    expect(conf).toContain('region="Two"');
    expect(conf).not.toContain('lb-method');
  });

  it('lets no value break out of its line', () => {
    fc.assert(fc.property(fc.string(), (secret) => {
      const cloud = { auth: { ...credential.auth, application_credential_secret: secret } };
      const lines = cloudConf(cloud, facts, { hasCa: false }).split('\n');
      expect(lines.filter((line) => line.startsWith('['))).toEqual(['[Global]', '[LoadBalancer]', '[Route]']);
      const line = lines.find((l) => l.startsWith('application-credential-secret='));
      expect(line).toMatch(/^application-credential-secret="([^"\\]|\\["\\n])*"$/);
    }));
  });

  it('is told apart by a checksum that changes with any of it', () => {
    const of = (text: string, ca?: string) => cloudConfigChecksum(cloudConfig(text, ca));
    expect(new Set([of('a'), of('b'), of('a', 'ca')]).size).toBe(3);
    expect(of('a')).toBe(of('a'));
  });
});

/** What is in the cloud before anyone calls: a region with three zones, an external network, flavors, an image, a project with a user, an administrator. */
import { createHash, randomBytes } from 'node:crypto';
import { newHexId, newId, timestamp, type Core } from './core.ts';
import { hashSecret, isSecret, newSecret } from './keystone/secrets.ts';
import { makePort } from './neutron/port-life.ts';
import { newStandard } from './neutron/standard.ts';

export interface Seed {
  readonly region: string;
  readonly zones: readonly string[];
  /** Where servers run. A zone whose hosts have nothing takes no server: it goes to ERROR. */
  readonly hosts: readonly { readonly name: string; readonly zone: string; readonly vcpus: number; readonly ramMb: number; readonly diskGb: number }[];
  /** The last one is the default. */
  readonly volumeTypes: readonly { readonly name: string; readonly description: string | null }[];
  /** The tenant and its user. Passwords that are not given are drawn. */
  readonly project: string;
  readonly user: { readonly name: string; readonly password: string };
  readonly admin: { readonly name: string; readonly password: string };
  /** An application credential of the user, which may not make others. */
  readonly applicationCredential: { readonly name: string; readonly id: string; readonly secret: string };
  readonly externalNetwork: { readonly name: string; readonly cidr: string; readonly gateway: string; readonly pool: { readonly start: string; readonly end: string } };
  readonly flavors: readonly { readonly name: string; readonly vcpus: number; readonly ramMb: number; readonly diskGb: number }[];
  /** Properties: of Glance, beside os_distro. */
  readonly images: readonly { readonly name: string; readonly sizeBytes: number; readonly properties?: Readonly<Record<string, string>> }[];
}

/** The cloud of docs/architecture.md, with fresh secrets. */
export function defaultSeed(): Seed {
  return {
    region: 'RegionOne',
    zones: ['az1', 'az2', 'az3'],
    hosts: ['az1', 'az2', 'az3'].map((zone) => ({ name: `host-${zone}`, zone, vcpus: 1000, ramMb: 800 * 1024, diskGb: 100_000 })),
    volumeTypes: [{ name: '__DEFAULT__', description: 'Default Volume Type' }, { name: 'standard', description: null }],
    project: 'keelson',
    user: { name: 'keelson', password: newSecret() },
    admin: { name: 'admin', password: newSecret() },
    applicationCredential: { name: 'keelson', id: randomBytes(16).toString('hex'), secret: newSecret() },
    externalNetwork: { name: 'external', cidr: '198.51.100.0/24', gateway: '198.51.100.1', pool: { start: '198.51.100.20', end: '198.51.100.250' } },
    flavors: [
      { name: 'k.small', vcpus: 2, ramMb: 4096, diskGb: 20 },
      { name: 'k.medium', vcpus: 4, ramMb: 8192, diskGb: 40 },
      { name: 'k.large', vcpus: 8, ramMb: 16384, diskGb: 80 },
    ],
    images: [{ name: 'keelson-node-v1.36.3', sizeBytes: 1024 * 1024, properties: { kube_version: 'v1.36.3' } }],
  };
}

/** Fills an empty state. */
export function plant(core: Core, seed: Seed): void {
  const { adminProject } = plantIdentity(core, seed);
  plantExternalNetwork(core, seed, adminProject);
  for (const flavor of seed.flavors) {
    const id = newId(core);
    core.state.nova.flavors[id] = { id, ...flavor, extraSpecs: {} };
  }
  plantHosts(core, seed);
  plantImages(core, seed, adminProject);
}

/** Hosts and volume types of the seed that are not there yet. */
function plantHosts(core: Core, seed: Seed): void {
  const { hosts } = core.state.nova;
  for (const host of seed.hosts.filter((one) => !hosts[one.name])) {
    hosts[host.name] = { ...host, service_id: newId(core), is_enabled: true, disabled_reason: null, created_at: timestamp(core) };
  }
  const { types } = core.state.cinder;
  const known = new Set(Object.values(types).map((type) => type.name));
  for (const type of seed.volumeTypes.filter((one) => !known.has(one.name))) {
    const id = newId(core);
    types[id] = { id, ...type, extra_specs: {} };
  }
}

/** Those of the seed that are not there yet. */
function plantImages(core: Core, seed: Seed, owner: string): void {
  const { images } = core.state.glance;
  const known = new Set(Object.values(images).map((image) => image.name));
  for (const { name, sizeBytes, properties } of seed.images.filter((image) => !known.has(image.name))) {
    const id = newId(core);
    const now = timestamp(core);
    images[id] = {
      id, name, owner, visibility: 'public', status: 'active', size: sizeBytes, disk_format: 'raw', container_format: 'bare', min_disk: 0, min_ram: 0,
      checksum: createHash('md5').update(name).digest('hex'), os_hash_algo: 'sha512', os_hash_value: createHash('sha512').update(name).digest('hex'),
      protected: false, os_hidden: false, tags: [], created_at: now, updated_at: now, properties: { os_distro: 'debian', ...properties },
    };
  }
}

function plantIdentity(core: Core, seed: Seed): { adminProject: string } {
  const { keystone } = core.state;
  keystone.domains['default'] = { id: 'default', name: 'Default' };
  const roles = ['admin', 'member', 'reader', 'load-balancer_member', 'load-balancer_admin', 'service'].map((name) => {
    const id = newHexId(core);
    keystone.roles[id] = { id, name };
    return [name, id] as const;
  });
  const role = new Map<string, string>(roles);
  const project = (name: string): string => {
    const id = newHexId(core);
    keystone.projects[id] = { id, name, domain_id: 'default', description: '', enabled: true };
    return id;
  };
  const user = (name: string, password: string, projectId: string, held: readonly string[]): string => {
    const id = newHexId(core);
    keystone.users[id] = { id, name, domain_id: 'default', enabled: true, default_project_id: projectId, password: hashSecret(password) };
    for (const one of held) keystone.assignments.push({ user_id: id, project_id: projectId, role_id: role.get(one) ?? '' });
    return id;
  };
  const adminProject = project('admin');
  user(seed.admin.name, seed.admin.password, adminProject, ['admin', 'load-balancer_admin']);
  const tenant = project(seed.project);
  const member = user(seed.user.name, seed.user.password, tenant, ['member', 'load-balancer_member']);
  plantApplicationCredential(core, seed, { userId: member, projectId: tenant });
  return { adminProject };
}

function plantApplicationCredential(core: Core, seed: Seed, owner: { readonly userId: string; readonly projectId: string }): void {
  const { keystone } = core.state;
  const { id, name, secret } = seed.applicationCredential;
  const roles = ['member', 'reader', 'load-balancer_member'].flatMap((role) => Object.values(keystone.roles).find((one) => one.name === role)?.id ?? []);
  keystone.applicationCredentials[id] = {
    id, name, description: null, user_id: owner.userId, project_id: owner.projectId, role_ids: roles, expires_at: null, unrestricted: false, secret: hashSecret(secret),
  };
}

/** After a start with records of an earlier life: images that came since, and the seed's secrets. */
export function replant(core: Core, seed: Seed): void {
  const admin = Object.values(core.state.keystone.projects).find((project) => project.name === 'admin');
  plantHosts(core, seed);
  if (admin) plantImages(core, seed, admin.id);
  renewSecrets(core, seed);
}

/**
 * Of the seed's own users and application credential, as `keystone-manage bootstrap` does when it is run again: the records of an earlier life
 * hold hashes only, so what the seed says from now on holds. Nothing changes where it says the same.
 */
function renewSecrets(core: Core, seed: Seed): void {
  const { keystone } = core.state;
  for (const { name, password } of [seed.admin, seed.user]) {
    const user = Object.values(keystone.users).find((one) => one.name === name && one.domain_id === 'default');
    if (user && !isSecret(password, user.password)) user.password = hashSecret(password);
  }
  const { id, name, secret } = seed.applicationCredential;
  const known = keystone.applicationCredentials[id];
  if (known && isSecret(secret, known.secret)) return;
  const owner = Object.values(keystone.users).find((user) => user.name === seed.user.name && user.domain_id === 'default');
  if (owner?.default_project_id === undefined) return;
  for (const old of Object.values(keystone.applicationCredentials)) {
    if (old.user_id === owner.id && old.name === name) Reflect.deleteProperty(keystone.applicationCredentials, old.id);
  }
  plantApplicationCredential(core, seed, { userId: owner.id, projectId: owner.default_project_id });
}

function plantExternalNetwork(core: Core, seed: Seed, owner: string): void {
  const { name, cidr, gateway, pool } = seed.externalNetwork;
  const { networks, subnets } = core.state.neutron;
  const network = newStandard(core, { name }, owner);
  networks[network.id] = {
    ...network, admin_state_up: true, mtu: 1500, status: 'ACTIVE', shared: false, 'router:external': true, is_default: true, port_security_enabled: true,
    availability_zone_hints: [], dns_domain: '', provider: { type: 'flat', physical: 'physnet1', segment: null },
  };
  const subnet = newStandard(core, { name: `${name}-v4` }, owner);
  subnets[subnet.id] = {
    ...subnet, network_id: network.id, ip_version: 4, cidr, gateway_ip: gateway, enable_dhcp: false, allocation_pools: [pool], dns_nameservers: [], host_routes: [],
    ipv6_ra_mode: null, ipv6_address_mode: null,
  };
  makePort(core, { networkId: network.id, projectId: owner, deviceOwner: 'network:distributed', deviceId: `ovnmeta-${network.id}`, fixedIps: [] });
}

/** clouds.yaml for the seed's three ways in: `keelson` (application credential), `keelson-password`, `admin`. */
export function cloudsOf(seed: Seed, authUrl: string): { clouds: Record<string, object> } {
  const rest = { region_name: seed.region, interface: 'public', identity_api_version: 3 };
  const byPassword = (who: { name: string; password: string }, project: string): object => ({
    auth: { auth_url: authUrl, username: who.name, password: who.password, project_name: project, user_domain_name: 'Default', project_domain_name: 'Default' }, ...rest,
  });
  const { id, secret } = seed.applicationCredential;
  return {
    clouds: {
      keelson: {
        auth_type: 'v3applicationcredential',
        auth: { auth_url: authUrl, application_credential_id: id, application_credential_secret: secret }, ...rest,
      },
      'keelson-password': byPassword(seed.user, seed.project),
      admin: byPassword(seed.admin, 'admin'),
    },
  };
}

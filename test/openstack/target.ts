/** A cloud to run the cases on: who may log in, what is there to use, and what things are called there. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Compute, Image, Network, parseClouds, Session, type Cloud } from '../../provisioner/openstack/index.ts';
import { loginBody } from '../../provisioner/openstack/login.ts';
import type { Need } from './needs.ts';
import { at, type Who } from './reply.ts';

/** Clouds of one clouds.yaml. */
export interface Access {
  readonly name: string;
  readonly cloudsYaml: string;
  readonly member: string;
  /** The same user by password. Absent: cases about application credentials are skipped. */
  readonly owner?: string;
  /** Absent: cases that need an administrator are skipped. */
  readonly admin?: string;
  /** What it takes until another look is worth while; a quarter of a second unless told. */
  readonly pause?: () => Promise<void>;
}

/** The first clouds.yaml in the places openstacksdk looks. @throws when there is none */
export async function findCloudsYaml(configFile: string | undefined): Promise<string> {
  const places = [configFile, 'clouds.yaml', join(homedir(), '.config/openstack/clouds.yaml'), '/etc/openstack/clouds.yaml'].filter((place) => place !== undefined);
  for (const place of places) {
    const text = await readFile(place, 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  throw new Error(`no clouds.yaml in ${places.join(', ')}`);
}

interface Found {
  readonly flavorId: string;
  readonly imageId: string;
  readonly imageName: string;
  readonly zones: readonly string[];
  readonly zone: string;
  /** A zone of the block storage; undefined where there is none. */
  readonly volumeZone: string | undefined;
  readonly externalNetworkId: string;
  readonly externalNetworkName: string;
  readonly providers: readonly string[];
}

export class Target {
  readonly name: string;
  /** Prefix of every name this run makes. */
  readonly prefix = `kct${randomBytes(3).toString('hex')}-`;
  /** What this cloud calls things, and what that is called in observations. */
  readonly words = new Map<string, string>();
  readonly login: object;
  readonly pause: () => Promise<void>;
  readonly #sessions = new Map<Who, Session>();
  readonly #clouds = new Map<Who, Cloud>();
  #found: Found | undefined;
  #stranger: Promise<{ projectId: string; userId: string }> | undefined;

  constructor(access: Access) {
    this.name = access.name;
    this.pause = access.pause ?? (() => sleep(250));
    for (const who of ['member', 'owner', 'admin'] as const) {
      const cloud = access[who];
      if (cloud !== undefined) this.#add(who, parseClouds(access.cloudsYaml, cloud));
    }
    this.login = loginBody(this.#cloud('member'));
  }

  /** The member logs in with a password, not with an application credential. */
  get isByPassword(): boolean { return this.#cloud('member').auth.password !== undefined; }

  /** Logs in and looks around. @throws CloudError when that is not possible */
  async open(): Promise<void> {
    const member = this.session('member');
    const flavors = await new Compute(member).flavors();
    const flavor = flavors.filter((one) => one.ram >= 256).sort((a, b) => a.ram - b.ram)[0];
    const image = (await new Image(member).images({ status: 'active' }))[0];
    const external = (await new Network(member).networks({ 'router:external': 'true' }))[0];
    const zones = records(await member.call('compute', 'GET', '/os-availability-zone'), 'availabilityZoneInfo').map((one) => String(one['zoneName']));
    const providers = records(await member.call('load-balancer', 'GET', '/v2.0/lbaas/providers'), 'providers').map((one) => String(one['name']));
    const zone = zones.find((one) => one !== 'internal');
    const volumeZones = await member.call('volumev3', 'GET', '/os-availability-zone').then((body) => records(body, 'availabilityZoneInfo').map((one) => String(one['zoneName'])), () => []);
    if (!flavor || !image || !external || zone === undefined) throw new Error(`${this.name}: needs a flavor, an active image, an external network and a zone`);
    for (const one of flavors) this.words.set(one.name, '<flavor>');
    for (const [i, host] of (await this.#hosts()).entries()) this.words.set(host, `<host ${i + 1}>`);
    this.words.set(image.name ?? image.id, '<image>');
    for (const [i, name] of zones.entries()) this.words.set(name, `<zone ${i + 1}>`);
    this.#found = { flavorId: flavor.id, imageId: image.id, imageName: image.name ?? '', zones, zone, volumeZone: volumeZones[0], externalNetworkId: external.id, externalNetworkName: external.name, providers };
  }

  get flavorId(): string { return this.#here().flavorId; }
  get imageId(): string { return this.#here().imageId; }
  get imageName(): string { return this.#here().imageName; }
  get zone(): string { return this.#here().zone; }
  get zones(): readonly string[] { return this.#here().zones; }
  get volumeZone(): string { return this.#here().volumeZone ?? ''; }
  get externalNetworkId(): string { return this.#here().externalNetworkId; }
  get externalNetworkName(): string { return this.#here().externalNetworkName; }

  has(need: Need): boolean {
    if (need === 'admin' || need === 'owner') return this.#sessions.has(need);
    if (need === 'volumes') return this.#here().volumeZone !== undefined;
    return this.#here().providers.includes(need.slice('provider '.length));
  }

  session(who: Who): Session {
    const session = this.#sessions.get(who);
    if (!session) throw new Error(`${this.name} has no ${who}`);
    return session;
  }

  async projectId(who: Who): Promise<string> {
    return (await this.session(who).projectId()) ?? '';
  }

  async userId(who: Who): Promise<string> {
    return at(await this.session(who).call('identity', 'POST', '/auth/tokens', { body: loginBody(this.#cloud(who)) }), 'token', 'user', 'id');
  }

  /** A user of another project, made by the administrator when first asked for. */
  stranger(): Promise<{ projectId: string; userId: string }> {
    this.#stranger ??= this.#makeStranger();
    return this.#stranger;
  }

  /** Deletes the stranger and ends the sessions. */
  async close(): Promise<void> {
    if (this.#stranger) {
      const { projectId, userId } = await this.#stranger;
      const admin = this.session('admin');
      await this.#deleteGroups(projectId);
      await admin.exchange('identity', 'DELETE', `/users/${userId}`);
      await admin.exchange('identity', 'DELETE', `/projects/${projectId}`);
    }
    for (const session of this.#sessions.values()) session.close();
  }

  /** Neutron makes a default group for each project and keeps it when the project goes. */
  async #deleteGroups(projectId: string): Promise<void> {
    const admin = this.session('admin');
    const listed = await admin.call('network', 'GET', `/v2.0/security-groups?project_id=${projectId}`);
    for (const group of records(listed, 'security_groups')) await admin.exchange('network', 'DELETE', `/v2.0/security-groups/${String(group['id'])}`);
  }

  async #makeStranger(): Promise<{ projectId: string; userId: string }> {
    const admin = this.session('admin');
    const name = `${this.prefix}stranger`;
    const password = randomBytes(18).toString('base64url');
    const projectId = at(await admin.call('identity', 'POST', '/projects', { body: { project: { name, domain_id: 'default' } } }), 'project', 'id');
    const userId = at(await admin.call('identity', 'POST', '/users', { body: { user: { name, password, domain_id: 'default', default_project_id: projectId } } }), 'user', 'id');
    const roles = records(await admin.call('identity', 'GET', '/roles'), 'roles');
    for (const role of roles.filter((one) => one['name'] === 'member' || one['name'] === 'load-balancer_member')) {
      await admin.call('identity', 'PUT', `/projects/${projectId}/users/${userId}/roles/${String(role['id'])}`);
    }
    const cloud = this.#cloud('admin');
    this.#add('stranger', {
      ...cloud, auth: { auth_url: cloud.auth.auth_url, username: name, password, project_name: name, user_domain_name: 'Default', project_domain_name: 'Default' },
    });
    return { projectId, userId };
  }

  /** Where servers run, by zone, as the administrator sees it. */
  async #hosts(): Promise<string[]> {
    if (!this.#sessions.has('admin')) return [];
    const services = records(await this.session('admin').call('compute', 'GET', '/os-services?binary=nova-compute'), 'services');
    return services.sort((a, b) => (String(a['zone']) < String(b['zone']) ? -1 : 1)).map((one) => String(one['host']));
  }

  #add(who: Who, cloud: Cloud): void {
    this.#clouds.set(who, cloud);
    this.#sessions.set(who, new Session({ cloud, userAgent: 'keelson-contract', timeoutMs: 120_000 }));
    const { username, project_name: project } = cloud.auth;
    if (username !== undefined && username.length > 2 && who !== 'stranger' && who !== 'admin') this.words.set(username, '<user>');
    if (project !== undefined && project.length > 2 && who !== 'stranger' && who !== 'admin') this.words.set(project, '<user>');
  }

  #cloud(who: Who): Cloud {
    const cloud = this.#clouds.get(who);
    if (!cloud) throw new Error(`${this.name} has no ${who}`);
    return cloud;
  }

  #here(): Found {
    if (!this.#found) throw new Error(`${this.name} is not open`);
    return this.#found;
  }
}

export function records(body: unknown, key: string): Record<string, unknown>[] {
  const found = typeof body === 'object' && body !== null ? Reflect.get(body, key) as unknown : undefined;
  return Array.isArray(found) ? found as Record<string, unknown>[] : [];
}

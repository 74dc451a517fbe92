/**
 * Random pods that touch every field any check reads: absent, null, empty, allowed, refused, at the pod and at its
 * containers, on Windows, in user namespaces. They need not be pods that an API server would store: the reference
 * implementation has a verdict for each of them.
 */

export interface GeneratedPod {
  /** v1.25 to v1.36: what the pinned reference implementation knows. */
  readonly version: string;
  readonly metadata: object;
  readonly spec: object;
}

/** mulberry32: the same pods for the same seed on every machine. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function* generatePods(count: number, seed: number): Generator<GeneratedPod> {
  const random = randomOf(seed);
  for (let i = 0; i < count; i++) yield new PodMaker(random).make();
}

const sysctls = [
  'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports', 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem', 'net.ipv4.tcp_notsent_lowat', 'kernel.msgmax', '',
];
const capabilities = ['NET_BIND_SERVICE', 'CHOWN', 'SYS_CHROOT', 'NET_RAW', 'SYS_ADMIN', 'ALL', 'all', 'CAP_CHOWN', '', null];
const sources = [
  'configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret', 'hostPath', 'nfs', 'iscsi', 'gitRepo', 'rbd',
  'awsElasticBlockStore', 'gcePersistentDisk', 'storageos', 'portworxVolume', 'cinder', 'fc', 'flexVolume', 'flocker', 'glusterfs', 'quobyte', 'scaleIO',
  'vsphereVolume', 'azureDisk', 'azureFile', 'cephfs', 'photonPersistentDisk',
];
/** The newest more often: they have checks that the others do not. */
const versions = [...Array.from({ length: 12 }, (_, i) => `v1.${25 + i}`), 'v1.34', 'v1.35', 'v1.36', 'v1.36'];

/** One pod. Its mood decides how often it does what restricted asks for, so that every check has both verdicts often. */
class PodMaker {
  readonly #random: () => number;
  readonly #mood: number;

  constructor(random: () => number) {
    this.#random = random;
    this.#mood = this.#pick([0.5, 0.8, 0.95, 0.99]);
  }

  make(): GeneratedPod {
    const containers = this.#list(3, () => this.#container());
    return {
      version: this.#pick(versions),
      metadata: { name: 'generated', ...this.#field('annotations', () => this.#annotations()) },
      spec: {
        containers: this.#chance(0.03) ? null : containers,
        ...this.#rarely('initContainers', 0.3, () => this.#list(2, () => this.#container())),
        ...this.#rarely('ephemeralContainers', 0.15, () => this.#list(2, () => this.#container())),
        ...this.#switch('hostNetwork', false), ...this.#switch('hostPID', false), ...this.#switch('hostIPC', false),
        ...this.#rarely('hostUsers', 0.3, () => this.#pick([true, false, false, null])),
        ...this.#rarely('os', 0.25, () => this.#pick([null, {}, { name: 'linux' }, { name: 'windows' }, { name: 'windows' }])),
        ...this.#rarely('volumes', 0.7, () => this.#list(3, () => this.#volume())),
        ...this.#field('securityContext', () => ({ ...this.#security(), ...this.#rarely('sysctls', 0.4, () => this.#list(2, () => this.#sysctl())) })),
      },
    };
  }

  #container(): object | null {
    if (this.#chance(0.01)) return null;
    return {
      name: this.#pick(['a', 'b', 'c']),
      ...this.#field('securityContext', () => ({
        ...this.#security(),
        ...this.#switch('privileged', false),
        ...this.#usually('allowPrivilegeEscalation', () => (this.#good() ? false : this.#pick([true, null]))),
        ...this.#rarely('procMount', 0.35, () => (this.#good() ? 'Default' : this.#pick(['Unmasked', '', null]))),
        ...this.#usually('capabilities', () => (this.#chance(0.03) ? null : { ...this.#usually('drop', () => this.#drop()), ...this.#rarely('add', 0.4, () => this.#add()) })),
      })),
      ...this.#rarely('ports', 0.3, () => this.#list(2, () => this.#pick([null, {}, { containerPort: 80 }, { hostPort: 0 }, { hostPort: null }, { hostPort: this.#good() ? 0 : 8080 }]))),
      ...this.#rarely('livenessProbe', 0.2, () => this.#probe()), ...this.#rarely('readinessProbe', 0.2, () => this.#probe()), ...this.#rarely('startupProbe', 0.1, () => this.#probe()),
      ...this.#rarely('lifecycle', 0.2, () => this.#pick([null, {}, { postStart: this.#probe() }, { preStop: this.#probe() }])),
    };
  }

  /** The fields that pods and containers share. */
  #security(): object {
    return {
      ...this.#usually('runAsNonRoot', () => (this.#good() ? true : this.#pick([false, null]))),
      ...this.#rarely('runAsUser', 0.4, () => (this.#good() ? this.#pick([1, 1000, 65534]) : this.#pick([0, null]))),
      ...this.#usually('seccompProfile', () => this.#profile()),
      ...this.#rarely('appArmorProfile', 0.3, () => this.#profile()),
      ...this.#rarely('seLinuxOptions', 0.2, () => this.#seLinux()),
      ...this.#rarely('windowsOptions', 0.2, () => this.#pick([null, {}, { hostProcess: !this.#good() }, { hostProcess: null }])),
    };
  }

  #profile(): object | null {
    return this.#good() ? { type: this.#pick(['RuntimeDefault', 'Localhost']) } : this.#pick([null, {}, { type: null }, { type: '' }, { type: 'Unconfined' }, { type: 'runtime/default' }]);
  }

  #seLinux(): object | null {
    const types = this.#good() ? ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t', null] : ['spc_t', 'Container_t'];
    return this.#pick([null, {}, { type: this.#pick(types) }, { type: 'container_t', user: this.#good() ? '' : 'system_u' }, { role: this.#good() ? null : 'system_r' }]);
  }

  #probe(): object | null {
    const host = this.#good() ? this.#pick(['', null]) : '10.0.0.1';
    return this.#pick([null, {}, { httpGet: { port: 80 } }, { httpGet: { host } }, { tcpSocket: { host } }, { httpGet: null, tcpSocket: { host: '' } }]);
  }

  #drop(): (string | null)[] | null {
    return this.#good() ? this.#pick([['ALL'], ['ALL', 'ALL'], ['NET_RAW', 'ALL']]) : this.#pick([[], ['all'], ['NET_RAW'], [null], null]);
  }

  #add(): (string | null)[] | null {
    return this.#good() ? this.#pick([[], ['NET_BIND_SERVICE'], null]) : this.#list(2, () => this.#pick(capabilities));
  }

  #sysctl(): object | null {
    return this.#chance(0.05) ? this.#pick([null, {}, { name: null }]) : { name: this.#good() ? this.#pick(sysctls.slice(0, 12)) : this.#pick(sysctls), value: '1' };
  }

  #volume(): object | null {
    const source = this.#good() ? this.#pick(sources.slice(0, 9)) : this.#pick([...sources, ...Array<string>(15).fill('hostPath')]);
    return this.#chance(0.02) ? null : { name: 'v', ...this.#pick([{}, { [source]: {} }, { [source]: {} }, { [source]: null }]) };
  }

  #annotations(): object {
    const value = this.#good() ? this.#pick(['runtime/default', 'localhost/mine', '', null]) : this.#pick(['unconfined', 'localhost', 'runtime/Default']);
    return this.#pick<object>([{}, { other: 'unconfined' }, { 'container.apparmor.security.beta.kubernetes.io/a': value }]);
  }

  #good(): boolean {
    return this.#chance(this.#mood);
  }

  /** A switch that is good when off: mostly absent. */
  #switch(key: string, good: boolean): object {
    return this.#good() ? this.#pick<object>([{}, {}, { [key]: good }, { [key]: null }]) : { [key]: !good };
  }

  #usually(key: string, make: () => unknown): object {
    return this.#good() || this.#chance(0.5) ? { [key]: make() } : {};
  }

  #rarely(key: string, chance: number, make: () => unknown): object {
    return this.#chance(chance) ? { [key]: make() } : {};
  }

  /** An object that is there nearly always, null now and then. */
  #field(key: string, make: () => object): object {
    return this.#chance(0.9) ? { [key]: make() } : this.#pick<object>([{}, { [key]: null }]);
  }

  #list<T>(longest: number, make: () => T): T[] {
    return Array.from({ length: Math.floor(this.#random() * (longest + 1)) }, make);
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)] as T;
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }
}

/** Three servers in two zones of a real world: each fault is made, seen from inside, healed, and then everything is as it was. Of root and of a user without rights alike. */
import { join } from 'node:path';
import type { FaultInput, FaultStatus, HealedFault } from '../../../sandbox/faults/request.ts';
import { WorldClient } from '../../../sandbox/world/client.ts';
import { toolsBin } from '../../fixtures/needs.ts';
import type { Machine } from '../world/machine.ts';

const names = ['one', 'two', 'far'] as const;
type Name = (typeof names)[number];
const servers = [{ name: 'one', zone: 'az1' }, { name: 'two', zone: 'az1' }, { name: 'far', zone: 'az2' }];
/** Answers on TCP 7000 with what it got; counts datagrams on UDP 7001 and tells how many came when asked by TCP. */
const echo = `let n = 0; require('net').createServer((s) => { s.on('error', () => {}); s.on('data', (d) => String(d) === 'count' ? s.end(String(n)) : s.write(d)); }).listen(7000); require('dgram').createSocket('udp4').on('message', () => n++).bind(7001);`;

/** Registers the tests in the suite that is being described. */
export function faultCases(machine: Machine): void {
  let client: WorldClient;
  const ids = new Map<Name, string>();
  const addresses = new Map<Name, string>();

  const value = <T>({ value: got, error }: { value?: unknown; error?: { code?: string; message: string } }): T => {
    if (error) throw Object.assign(new Error(`${error.code}: ${error.message}`), { code: error.code });
    return got as T;
  };
  const on = async (name: Name, script: string): Promise<string> => {
    return (await client.exec(ids.get(name)!, { argv: ['bash', '-c', script] })).stdout.trim();
  };
  const make = (fault: FaultInput): Promise<FaultStatus> => client.break(fault);
  const heal = (name?: string): Promise<readonly HealedFault[]> => client.heal(name);
  const active = (): Promise<readonly FaultStatus[]> => client.faults();
  const reaches = async (from: Name, to: Name): Promise<boolean> => (await on(from, `timeout 1.5 bash -c 'exec 3<>/dev/tcp/${addresses.get(to)}/7000; echo hello >&3; head -1 <&3'`)) === 'hello';
  const reachesCloud = async (from: Name): Promise<boolean> => (await on(from, `timeout 1.5 bash -c 'exec 3<>/dev/tcp/198.51.100.2/5000' && echo yes`)) === 'yes';
  /** Milliseconds of a round trip on an open connection. */
  const roundTrip = async (from: Name, to: Name): Promise<number> => Number(await on(from, `node -e "const s=require('net').connect(7000,'${addresses.get(to)}',()=>{let t=performance.now();s.write('x');s.on('data',()=>{console.log(performance.now()-t);s.end()})})"`));
  const listen = async (name: Name): Promise<void> => {
    await on(name, `echo 0 > /run/keelson/cgroup/cgroup.procs; setsid node -e "${echo}" > /dev/null 2>&1 < /dev/null & until (exec 3<>/dev/tcp/127.0.0.1/7000) 2>/dev/null; do sleep 0.1; done`);
  };
  const inWorld = (script: string): Promise<string> => machine.sh(`nsenter -t $(pgrep -of "^/.*sandbox/world/main.ts") -n -m sh -c '${script}'`);
  /** Rules, devices and namespaces of the world; rules, mounts and files of each server that could be touched. */
  const picture = async (): Promise<string> => [
    await inWorld('nft list ruleset; ip -o link show | sed "s/^[0-9]*: //" | sort; ls /run/netns'),
    ...(await Promise.all(names.map((name) => on(name, `nft list ruleset; cut -d' ' -f5- /proc/self/mountinfo | sort; find /etc /var/log /run -xdev -not -name '*.log' -printf '%p %m %s %T@ %u\\n' | grep -v '/run/keelson-cri\\|^/run ' | sort`)))),
  ].join('\n----\n');
  /** Makes the fault, looks, heals it, and wants everything as before. */
  const brokenAndHealed = async (fault: FaultInput, look: (status: FaultStatus) => Promise<void>): Promise<HealedFault> => {
    const before = await picture();
    const status = await make(fault);
    await look(status);
    const [healed] = await heal(status.id);
    expect(await picture()).toBe(before);
    expect(await active()).toEqual([]);
    return healed!;
  };

  beforeAll(async () => {
    await machine.start();
    await machine.sh(`cp -L ${join(toolsBin, 'packet-delay')} ${machine.folder}/tools/packet-delay`);
    value(await machine.do('start'));
    client = new WorldClient(machine.state);
    const made = value<{ servers: string[] }>(await machine.do('tenant', { servers }));
    for (const [i, name] of names.entries()) ids.set(name, made.servers[i]!);
    for (const name of names) {
      await on(name, 'until [ -e /var/lib/cloud/instance/boot-finished ] || [ -e /run/cloud-init/result.json ]; do sleep 0.1; done');
      addresses.set(name, await on(name, `ip -4 -o addr show dev eth0 | sed -E 's/.* inet ([0-9.]+).*/\\1/'`));
      await listen(name);
    }
  });
  afterEach(async () => {
    await heal();
  });
  afterAll(async () => {
    await machine.do('stop');
    await machine.end();
  });

  test('nothing is broken at first, and everyone reaches everyone', async () => {
    expect(await active()).toEqual([]);
    expect(await reaches('one', 'two')).toBe(true);
    expect(await reaches('far', 'one')).toBe(true);
    expect(await reachesCloud('far')).toBe(true);
  });

  test('a node that is cut off reaches nothing and is reached by nobody', async () => {
    await brokenAndHealed({ what: 'node', target: 'one' }, async ({ id, summary }) => {
      expect([id, summary]).toEqual(['node-1', 'one is cut off from its network (both ways)']);
      expect(await reaches('one', 'two')).toBe(false);
      expect(await reaches('two', 'one')).toBe(false);
      expect(await reaches('two', 'far')).toBe(true);
      expect((await active())[0]!.observed).toMatch(/^[1-9]\d* packets dropped$/);
    });
    expect(await reaches('two', 'one')).toBe(true);
  });

  test('the servers of a zone that is cut off reach only each other', async () => {
    await brokenAndHealed({ what: 'zone', target: 'az1' }, async () => {
      expect(await reaches('one', 'two')).toBe(true);
      expect(await reaches('one', 'far')).toBe(false);
      expect(await reaches('far', 'two')).toBe(false);
      expect(await reachesCloud('two')).toBe(false);
      expect(await reachesCloud('far')).toBe(true);
    });
    expect(await reachesCloud('two')).toBe(true);
  });

  test('a link that is cut one way carries the other', async () => {
    const count = async (): Promise<number> => Number(await on('far', `exec 3<>/dev/tcp/127.0.0.1/7000; printf count >&3; cat <&3`));
    const send = (from: Name): Promise<string> => on(from, `for i in 1 2 3; do echo x > /dev/udp/${addresses.get('far')}/7001; done; sleep 0.2`);
    await brokenAndHealed({ what: 'link', from: 'far', to: 'one', oneWay: true }, async () => {
      const before = await count();
      await send('one');
      expect(await count()).toBe(before + 3);
      expect(await reaches('one', 'far')).toBe(false);
      expect(await reaches('two', 'far')).toBe(true);
    });
    await brokenAndHealed({ what: 'link', from: 'cloud', to: 'one' }, async () => {
      expect(await reachesCloud('one')).toBe(false);
      expect(await reaches('one', 'far')).toBe(true);
    });
  });

  test('packets that are too long vanish, short ones pass', async () => {
    const send = (bytes: number): Promise<string> => on('one', `timeout 2 node -e "const s=require('net').connect(7000,'${addresses.get('two')}',()=>{let n=0;s.write(Buffer.alloc(${bytes},120));s.on('data',(d)=>{n+=d.length;if(n>=${bytes}){console.log('whole');process.exit()}})})"`);
    expect(await send(20_000)).toBe('whole');
    await brokenAndHealed({ what: 'mtu', target: 'two', bytes: 700 }, async () => {
      expect(await send(400)).toBe('whole');
      expect(await send(20_000)).toBe('');
    });
  });

  test('loss takes a share of the packets', async () => {
    const count = async (): Promise<number> => Number(await on('far', `exec 3<>/dev/tcp/127.0.0.1/7000; printf count >&3; cat <&3`));
    await brokenAndHealed({ what: 'loss', target: 'one', percent: 40, direction: 'out' }, async () => {
      const before = await count();
      await on('one', `node -e "const s=require('dgram').createSocket('udp4');let i=0;const t=setInterval(()=>{for(let k=0;k<10;k++)s.send('x',7001,'${addresses.get('far')}');if(++i===40){clearInterval(t);setTimeout(()=>s.close(),200)}},2)"`);
      const arrived = (await count()) - before;
      // 400 sent; 240 is the mean, 9.8 the deviation: ten of them to either side.
      expect(arrived).toBeGreaterThan(140);
      expect(arrived).toBeLessThan(340);
    });
  });

  test('latency makes round trips longer by twice the delay', async () => {
    await brokenAndHealed({ what: 'latency', target: 'one', ms: 150 }, async () => {
      expect(await roundTrip('one', 'far')).toBeGreaterThanOrEqual(300);
      expect(await reaches('two', 'far')).toBe(true);
    });
    expect(await reaches('one', 'far')).toBe(true);
  });

  test('names do not resolve, and all else works', async () => {
    /** Asks ten times a second. */
    const ask = (from: Name, limitMs = 10_000): Promise<string> => on(from, `node -e "const s=require('dgram').createSocket('udp4');s.on('message',()=>{console.log('answer');process.exit()});setInterval(()=>s.send('who',53,'${addresses.get('two')}'),100);setTimeout(()=>process.exit(),${limitMs})"`);
    const bound = await on('two', `setsid node -e "const s=require('dgram').createSocket('udp4');s.on('message',(m,f)=>s.send('me',f.port,f.address)).bind(53,()=>console.log('bound'))" > /tmp/dns 2>&1 < /dev/null & for i in $(seq 200); do grep -q bound /tmp/dns && break; sleep 0.1; done; cat /tmp/dns`);
    expect(bound).toBe('bound');
    expect(await ask('one')).toBe('answer');
    await brokenAndHealed({ what: 'dns', target: 'one' }, async () => {
      expect(await ask('one', 1000)).toBe('');
      expect(await ask('far')).toBe('answer');
      expect(await reaches('one', 'two')).toBe(true);
      expect((await active())[0]!.observed).toMatch(/^[1-9]\d* queries dropped$/);
    });
    expect(await ask('one')).toBe('answer');
  });

  test('a frozen server answers nobody and goes on where it stood', async () => {
    await on('two', 'echo 0 > /run/keelson/cgroup/cgroup.procs; setsid sh -c "while :; do date +%s%N > /tmp/beat; sleep 0.05; done" > /dev/null 2>&1 < /dev/null &');
    await brokenAndHealed({ what: 'machine', target: 'two', how: 'freeze' }, async () => {
      expect(await reaches('one', 'two')).toBe(false);
      const beat = await on('two', 'cat /tmp/beat');
      expect(await on('two', 'sleep 0.3; cat /tmp/beat')).toBe(beat);
    });
    expect(await reaches('one', 'two')).toBe(true);
  });

  test('nothing can be written to a full disk, and what is there can be read', async () => {
    await on('far', 'mkdir -p /var/lib/data; echo kept > /var/lib/data/file');
    await brokenAndHealed({ what: 'machine', target: 'far', how: 'disk-full', path: '/var/lib/data' }, async () => {
      expect(await on('far', 'cat /var/lib/data/file; echo more >> /var/lib/data/file; echo new > /var/lib/data/other; mkdir /var/lib/data/folder; echo done')).toBe('kept\ndone');
      expect(await on('far', 'LC_ALL=C sh -c "echo new > /var/lib/data/other" 2>&1')).toMatch(/No space left on device/);
      expect((await active())[0]!.observed).toMatch(/^0 of \d+ blocks are free$/);
    });
    expect(await on('far', 'echo more >> /var/lib/data/file; cat /var/lib/data/file; ls /var/lib/data')).toBe('kept\nmore\nfile');
  });

  test('a server that lost its power is off until it is healed, and faults that name it hold again after its boot', async () => {
    const cut = await make({ what: 'link', from: 'far', to: 'two' });
    const dns = await make({ what: 'dns', target: 'far' });
    const dead = await make({ what: 'machine', target: 'far', how: 'kill' });
    expect(dead.observed).toBe('off');
    await expect(on('far', 'true')).rejects.toMatchObject({ code: 'WORLD_NOT_FOUND' });
    await heal(dead.id);
    const deadline = Date.now() + 30_000;
    for (;;) {
      const up = await on('far', 'nft list tables').catch(() => undefined);
      if (up?.includes('keelson_faults_dns')) break;
      if (Date.now() > deadline) throw new Error(`not up with its fault: ${up}`);
    }
    await listen('far');
    expect(await reaches('one', 'far')).toBe(true);
    expect(await reaches('two', 'far')).toBe(false);
    expect((await heal()).map((one) => one.id)).toEqual([dns.id, cut.id]);
    expect(await reaches('two', 'far')).toBe(true);
    expect(await on('far', 'nft list tables')).not.toContain('keelson_faults');
  });

  test('a process is killed once, stopped, or killed whenever it comes back', async () => {
    const pid = (): Promise<string> => on('one', 'cat /run/systemd/units/containerd.main 2> /dev/null');
    const first = await pid();
    const once = await make({ what: 'process', target: 'runtime', node: 'one' });
    expect([once.isLasting, once.summary]).toEqual([false, 'runtime was killed on one']);
    expect(await active()).toEqual([]);
    const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
      for (const end = Date.now() + 20_000; !(await holds());) if (Date.now() > end) throw new Error(`${what}: not within 20 s`);
    };
    await until('a new runtime', async () => !['', first].includes(await pid()));
    await until('its socket', async () => (await on('one', '[ -S /run/containerd/containerd.sock ] && echo yes')) === 'yes');
    const still = await make({ what: 'process', target: 'containerd', node: 'one', how: 'stop' });
    expect(still.observed).toBe('1 of 1 stand still');
    await heal(still.id);
    expect(await on('one', `cut -d' ' -f3 /proc/$(cat /run/systemd/units/containerd.main)/stat`)).not.toBe('T');
    const loop = await make({ what: 'process', target: 'runtime', node: 'one', how: 'crash-loop' });
    await until('a second kill', async () => Number(/^\d+/.exec((await active())[0]!.observed)![0]) >= 2);
    await heal(loop.id);
    await until('the runtime to stay', async () => (await on('one', 'p=$(cat /run/systemd/units/containerd.main) && sleep 1.5 && [ -S /run/containerd/containerd.sock ] && [ -d /proc/$p ] && echo yes')) === 'yes');
  });

  test('the time server lies to whom it is told to', async () => {
    const ask = async (from: Name): Promise<number | string> => {
      const program = `const b=Buffer.alloc(48);b[0]=35;const s=require('dgram').createSocket('udp4');s.on('message',(m)=>{console.log(m[1]===16?'unsynchronized':String(Math.round(m.readUInt32BE(40)-2208988800-Date.now()/1000)));process.exit()});s.send(b,123,'198.51.100.4')`;
      const said = await on(from, `timeout 2 node -e "${program}"`);
      return said === '' || said === 'unsynchronized' ? said : Number(said);
    };
    expect(Math.abs((await ask('one')) as number)).toBeLessThanOrEqual(1);
    await brokenAndHealed({ what: 'clock', offsetSeconds: 3600 }, async () => {
      expect(Math.abs(((await ask('one')) as number) - 3600)).toBeLessThanOrEqual(1);
      expect((await active())[0]!.observed).toBe('1 wrong answers');
    });
    // The servers' network is called "tenant", and so is their cluster.
    await brokenAndHealed({ what: 'clock', target: 'tenant', how: 'silent' }, async () => { expect(await ask('two')).toBe(''); });
    await brokenAndHealed({ what: 'clock', target: 'tenant', how: 'unsynchronized' }, async () => { expect(await ask('two')).toBe('unsynchronized'); });
    expect(Math.abs((await ask('two')) as number)).toBeLessThanOrEqual(1);
  });

  test('a node that receives nothing still sends', async () => {
    const count = async (): Promise<number> => Number(await on('far', `exec 3<>/dev/tcp/127.0.0.1/7000; printf count >&3; cat <&3`));
    await brokenAndHealed({ what: 'node', target: 'one', direction: 'in' }, async () => {
      const before = await count();
      await on('one', `for i in 1 2 3; do echo x > /dev/udp/${addresses.get('far')}/7001; done; sleep 0.2`);
      expect(await count()).toBe(before + 3);
      expect(await reaches('one', 'far')).toBe(false);
    });
    expect(await reaches('one', 'far')).toBe(true);
  });

  test.each([['expired', /certificate has expired/], ['not-yet-valid', /certificate is not yet valid/], ['replaced', /: OK$/]] as const)('a certificate that is %s is one to OpenSSL, too, and was signed by the authority beside it', async (how, verdict) => {
    await on('one', `mkdir -p /etc/pki; cd /etc/pki; [ -e leaf.crt ] || { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -subj /CN=authority -days 30
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key -out leaf.csr -subj /CN=leaf; openssl x509 -req -in leaf.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out leaf.crt -days 20; } 2> /dev/null`);
    const look = (): Promise<string> => on('one', 'cd /etc/pki; openssl x509 -in leaf.crt -noout -serial -subject; openssl verify -CAfile ca.crt leaf.crt 2>&1');
    const before = await look();
    expect(before).toMatch(/: OK$/);
    await brokenAndHealed({ what: 'cert', target: '/etc/pki/leaf.crt', node: 'one', how }, async ({ observed, summary }) => {
      expect([observed, summary.includes('signed by nobody')]).toEqual(['in place', false]);
      const after = await look();
      expect(after).toMatch(verdict);
      expect(after.split('\n')[0]).not.toBe(before.split('\n')[0]);
      expect(after.split('\n')[1]).toBe(before.split('\n')[1]);
    });
    expect(await look()).toBe(before);
  });

  test('one service of the cloud refuses, and the others answer', async () => {
    const ask = (port: number, path: string): Promise<string> => on('one', `exec 3<>/dev/tcp/198.51.100.2/${port}; printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' >&3; head -1 <&3 | cut -d' ' -f2`);
    const statuses = async (): Promise<string[]> => [await ask(8774, '/v2.1/servers'), await ask(9696, '/v2.0/networks')];
    expect(await statuses()).toEqual(['401', '401']);
    await brokenAndHealed({ what: 'api', service: 'compute', effect: { kind: 'status', status: 503 } }, async ({ id }) => {
      expect(await statuses()).toEqual(['503', '401']);
      expect(await active()).toMatchObject([{ id, observed: '1 calls struck' }]);
    });
    expect(await statuses()).toEqual(['401', '401']);
  });

  test('a fault heals by itself after its time', async () => {
    const before = await picture();
    const { id, until } = await make({ what: 'node', target: 'one', forSeconds: 1.5 });
    expect(until).toBeDefined();
    expect((await active()).map((one) => one.id)).toEqual([id]);
    for (const end = Date.now() + 15_000; (await active()).length > 0;) if (Date.now() > end) throw new Error('still broken');
    expect(await picture()).toBe(before);
  });

  test.each<[string, FaultInput, string, RegExp]>([
    ['a server', { what: 'node', target: 'onne' }, 'FAULT_UNKNOWN_TARGET', /there is no server onne; did you mean one\? there are far, one, two/],
    ['a zone', { what: 'zone', target: 'az9' }, 'FAULT_UNKNOWN_TARGET', /there is no zone az9; did you mean az1\? there are az1, az2, az3/],
    ['an end of a link', { what: 'link', from: 'one', to: 'nowhere' }, 'FAULT_UNKNOWN_TARGET', /there is no server or peer nowhere; there are cloud, far, one, outside, pager, two/],
    ['a link of one end', { what: 'link', from: 'one', to: 'one' }, 'FAULT_BAD_PARAMETER', /a link has two/],
    ['a cluster', { what: 'clock', target: 'prod', offsetSeconds: 5 }, 'FAULT_UNKNOWN_TARGET', /there is no cluster prod; there are tenant/],
    ['no offset', { what: 'clock' }, 'FAULT_BAD_PARAMETER', /--offset/],
    ['a process', { what: 'process', target: 'etcd', node: 'one' }, 'FAULT_UNKNOWN_TARGET', /there is no process on one named etcd; .*there are .*container-runtime/],
    ['a folder', { what: 'machine', target: 'one', how: 'disk-full', path: '/no/such' }, 'FAULT_UNKNOWN_TARGET', /has no folder \/no\/such/],
    ['a certificate', { what: 'cert', target: '/etc/none.crt', node: 'one' }, 'FAULT_UNKNOWN_TARGET', /no certificate file on one named \/etc\/none\.crt/],
    ['a file that is none', { what: 'cert', target: '/etc/hostname', node: 'one' }, 'FAULT_BAD_PARAMETER', /holds no PEM certificate/],
  ])('%s that makes no sense is said, and nothing is broken', async (_what, fault, code, message) => {
    await expect(make(fault)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
    expect(await active()).toEqual([]);
  });

  test('what is not broken cannot be healed, and says what is', async () => {
    await expect(heal('zone-7')).rejects.toMatchObject({ code: 'FAULT_UNKNOWN', message: 'there is no active fault zone-7; nothing is broken' });
  });

  test('in a world that goes on after a kill -9 everything is whole again, but for what is on disks and in records: that is listed, and heals', async () => {
    const look = (): Promise<string> => on('two', 'cat /etc/own.crt; stat -c %.Y /etc/own.crt');
    await on('two', 'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /etc/own.key -out /etc/own.crt -subj /CN=own -days 30 2> /dev/null');
    const before = await look();
    await make({ what: 'node', target: 'one' });
    const forged = await make({ what: 'cert', target: '/etc/own.crt', node: 'two' });
    const dead = await make({ what: 'machine', target: 'far', how: 'kill' });
    // The cloud writes down what changes by itself five times a second.
    await new Promise((resolve) => { setTimeout(resolve, 500); });
    await machine.sh(`kill -9 $(grep -o 'pid": [0-9]*' ${machine.folder}/state/world.json | grep -o '[0-9]*$')`);
    await machine.empty();
    expect(value<{ isResumed: boolean }>(await machine.do('start')).isResumed).toBe(true);
    const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
      for (const end = Date.now() + 20_000; !(await holds().catch(() => false));) if (Date.now() > end) throw new Error(`${what}: not within 20 s`);
    };
    expect((await active()).map(({ id, summary, since }) => ({ id, summary, since }))).toEqual([forged, dead].map(({ id, summary, since }) => ({ id, summary, since })));
    await until('the other two are back', async () => (await on('one', 'echo up')) === 'up' && (await on('two', 'echo up')) === 'up');
    expect((await active()).map(({ observed }) => observed)).toEqual(['in place', 'off']);
    expect(await look()).not.toBe(before);
    expect((await heal()).map(({ id, note }) => [id, note])).toEqual([[dead.id, undefined], [forged.id, undefined]]);
    expect(await look()).toBe(before);
    await until('the server has its power', async () => (await on('far', 'echo up')) === 'up');
    expect([await active(), await machine.sh(`ls ${machine.folder}/state/run/faults.json 2> /dev/null`)]).toEqual([[], '']);
  });
}

/** The field held to plain traffic: every fault does what it says, to nobody else, and is gone when it is healed. */
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { describeWith } from '../../../fixtures/needs.ts';
import type { Echoed } from './echo.ts';
import type { Fault } from './faults.ts';
import { Field, type NodeProgram } from './field.ts';
import { named } from './faults.ts';
import { ntpAddresses, services } from './topology.ts';

jest.setTimeout(30_000);

const echo = join(import.meta.dirname, 'echo.ts');
const node = [process.execPath, '--disable-warning=ExperimentalWarning'];
const echoServer: NodeProgram = { name: 'echo', argv: () => [...node, echo, 'serve'], ready: '^up$' };

describeWith({ root: true, commands: ['ip', 'nft', 'unshare', 'nsenter'], tools: ['packet-delay'] }, 'the field', () => {
  let field: Field;

  beforeAll(async () => {
    field = new Field(2);
    await field.start();
    await field.run(echoServer);
  }, 60_000);
  afterAll(() => field.end());

  const ask = async (from: string, args: readonly (string | number)[]): Promise<Echoed> => JSON.parse(await field.world.run([...node, echo, ...args.map(String)], { netns: from })) as Echoed;
  const to = (name: string, family: 4 | 6 = 4): string => (family === 4 ? named(field.nodes, name).address : named(field.nodes, name).address6);
  const udp = (from: string, name: string, bytes = 64, count = 1): Promise<Echoed> => ask(from, ['udp', to(name), bytes, count]);
  const answers = async (from: string, name: string, family: 4 | 6 = 4): Promise<boolean> => (await ask(from, ['udp', to(name, family), 64, 3])).received === 3;

  /** What the question says while the fault is there, and then again when it is healed. */
  async function during<T>(fault: Fault, question: () => Promise<T>): Promise<{ broken: T; healed: T }> {
    const injected = await field.inject(fault);
    const broken = await question();
    await injected.heal();
    return { broken, healed: await question() };
  }

  test('nodes reach each other in all zones, over both families, over TCP and UDP, large ones too', async () => {
    const [near, far, six, tcp, large] = await Promise.all([answers('node-a1', 'node-a2'), answers('node-a1', 'node-c2'), answers('node-b1', 'node-c1', 6), ask('node-a1', ['tcp', to('node-c1', 6)]), udp('node-a1', 'node-b1', 1472, 3)]);
    expect([near, far, six, tcp.received, large.received]).toEqual([true, true, true, 1, 3]);
  });

  test('a dead node answers nobody and refuses nothing; the others go on', async () => {
    const { broken, healed } = await during({ kind: 'node dead', node: 'node-b1' }, () => Promise.all([ask('node-a1', ['tcp', to('node-b1')]), answers('node-b2', 'node-b1'), answers('node-a1', 'node-b2')]));
    expect([['ETIMEDOUT', 'EHOSTUNREACH'].includes(broken[0].error!), broken[1], broken[2]]).toEqual([true, false, true]);
    expect([healed[0].received, healed[1], healed[2]]).toEqual([1, true, true]);
  });

  test('a partition is between its two zones, of both families', async () => {
    const { broken, healed } = await during({ kind: 'zone partition', zones: ['b', 'c'] }, () => Promise.all([answers('node-b1', 'node-c1'), answers('node-c2', 'node-b2', 6), answers('node-a1', 'node-b1'), answers('node-a1', 'node-c1'), answers('node-b1', 'node-b2')]));
    expect(broken).toEqual([false, false, true, true, true]);
    expect(healed).toEqual([true, true, true, true, true]);
  });

  test('a one-way block loses what goes one way: replies too, so that round trips fail from both ends', async () => {
    const { broken, healed } = await during({ kind: 'one-way block', from: 'node-a1', to: 'node-b1' }, async () => {
      const both = await Promise.all([answers('node-a1', 'node-b1'), answers('node-b1', 'node-a1'), answers('node-a1', 'node-b2')]);
      const rules = await field.world.run(['nft', 'list', 'ruleset', 'bridge']);
      return [...both, /t-node-a1.*10\.201\.2\.10/.test(rules), /t-node-b1.*10\.201\.1\.10/.test(rules)];
    });
    expect(broken).toEqual([false, false, true, true, false]);
    expect(healed).toEqual([true, true, true, false, false]);
  });

  test('loss takes a part, by chance', async () => {
    const { broken, healed } = await during({ kind: 'loss', node: 'node-c1', percent: 30 }, () => udp('node-c1', 'node-a1', 64, 200));
    // 30 % of 200 are 60 with a standard deviation of 6.5: five of them either way are one run in a million.
    expect([broken.received > 107, broken.received < 173, healed.received]).toEqual([true, true, 200]);
  });

  test('latency comes to every round trip of the node', async () => {
    const { broken, healed } = await during({ kind: 'latency', node: 'node-c2', ms: 50 }, () => udp('node-a1', 'node-c2', 64, 20));
    expect([broken.received, broken.medianMs >= 49, broken.medianMs < 100, healed.received, healed.medianMs < 25]).toEqual([20, true, true, 20, true]);
  });

  test('a black hole takes large packets alone', async () => {
    const { broken, healed } = await during({ kind: 'MTU black hole', zones: ['a', 'c'], longerThan: 1400 }, async () => [await udp('node-a1', 'node-c1', 1372, 3), await udp('node-a1', 'node-c1', 1373, 3)].map((one) => one.received));
    expect(broken).toEqual([3, 0]);
    expect(healed).toEqual([3, 3]);
  });

  test('a node that is cut off reaches nobody and is still seen by the scraper', async () => {
    const { broken, healed } = await during({ kind: 'cut off', node: 'node-a2' }, async () => {
      const seen = JSON.parse(await field.world.run([...node, echo, 'udp', to('node-a2'), '64', '3'])) as Echoed;
      return [await answers('node-a2', 'node-a1'), await answers('node-a2', 'node-c1', 6), seen.received];
    });
    expect(broken).toEqual([false, false, 3]);
    expect(healed).toEqual([true, true, 3]);
  });

  test('DNS through the Service address, with a dead pod and with lies', async () => {
    const script = `const { Resolver } = require('node:dns/promises'); const r = new Resolver({ timeout: 300, tries: 1 }); r.setServers([process.argv[1]]);
      r.resolve4('giantswarm.io').then((all) => console.log(all.join()), (e) => console.log(e.code))`;
    const resolve = async (server: string): Promise<string> => (await field.world.run([...node, '-e', script, server], { netns: 'node-c1' })).trim();
    const [one, two] = field.topology.dns;
    expect(await Promise.all([resolve(services.dns), resolve(one!.address), resolve(`[${two!.address6}]:53`)])).toEqual(['192.0.2.80', '192.0.2.80', '192.0.2.80']);
    const dead = await during({ kind: 'DNS pod dead', server: 'dns-1' }, () => Promise.all([resolve(one!.address), resolve(two!.address)]));
    expect(dead).toEqual({ broken: ['ETIMEOUT', '192.0.2.80'], healed: ['192.0.2.80', '192.0.2.80'] });
    const slow = await during({ kind: 'slow resolver', protocol: 'udp', ms: 600 }, () => resolve(services.dns));
    expect(slow).toEqual({ broken: 'ETIMEOUT', healed: '192.0.2.80' });
  });

  test('time is wrong for one node alone', async () => {
    const script = `const s = require('node:dgram').createSocket('udp4'); const q = Buffer.alloc(48); q[0] = 0x23;
      s.on('message', (m) => { console.log(Math.round((m.readUInt32BE(40) - 2208988800) - Date.now() / 1000)); s.close(); }).send(q, 123, '${ntpAddresses[1]}')`;
    const offset = async (from: string): Promise<number> => Number(await field.world.run([...node, '-e', script], { netns: from }));
    const { broken, healed } = await during({ kind: 'clock off', node: 'node-b2', seconds: 60 }, () => Promise.all([offset('node-b2'), offset('node-b1')]));
    expect([Math.abs(broken[0] + 60) <= 1, Math.abs(broken[1]) <= 1, Math.abs(healed[0]) <= 1]).toEqual([true, true, true]);
  });
});

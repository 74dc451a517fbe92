/** Servers that nobody lies through: CoreDNS and chrony, real ones, asked by net-exporter; and chrony's own client, asked to judge our NTP server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { describeWith, toolsBin } from '../../../fixtures/needs.ts';
import { World } from './world.ts';

const addresses = { chrony: '127.0.0.2', coredns: '127.0.0.3', ours: '127.0.0.4', liar: '127.0.0.5' } as const;
/** `-x`: chronyd never touches the clock (chronyd(8)); it serves this machine's time as if it were a source. */
const chronyConfig = `local stratum 8\nallow\nbindaddress ${addresses.chrony}\ncmdport 0\npidfile /run/chronyd.pid\n`;
const corefile = `.:53 {
  bind ${addresses.coredns}
  hosts {
    10.202.0.1 kubernetes.default.svc.cluster.local
    fd00:202::1 kubernetes.default.svc.cluster.local
  }
}
`;
const name = 'kubernetes.default.svc.cluster.local.';

describeWith({ root: true, commands: ['chronyd', 'ip', 'unshare'], tools: ['coredns'] }, 'real servers', () => {
  const world = new World();
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-honest-'));
    const file = async (as: string, text: string): Promise<string> => {
      await writeFile(join(folder, as), text, { mode: 0o644 });
      return join(folder, as);
    };
    const config = {
      address: '127.0.0.1:8000', intervalSeconds: 1, node: { name: 'node-a1', zone: 'a' }, service: { enabled: false },
      mesh: { enabled: false, timeoutSeconds: 0.25, spacingMs: 5 },
      dns: { names: [name, 'no-such-name.example.'], timeoutSeconds: 0.5, servers: [{ name: 'coredns', address: addresses.coredns, role: 'pod' }] },
      ntp: { servers: [addresses.chrony], intervalSeconds: 1, timeoutSeconds: 0.25 },
    };
    const node = [process.execPath, '--disable-warning=ExperimentalWarning'];
    await world.ask('start', { name: 'chrony', argv: ['chronyd', '-d', '-x', '-u', 'root', '-f', await file('chrony.conf', chronyConfig)] });
    await world.ask('start', { name: 'coredns', argv: [join(toolsBin, 'coredns'), '-conf', await file('Corefile', corefile)] });
    for (const one of ['ours', 'liar'] as const) await world.ask('start', { name: one, argv: [...node, join(import.meta.dirname, 'liars/main.ts'), 'ntp', '123', addresses[one]] });
    await Promise.all([world.ask('says', { name: 'coredns', pattern: 'CoreDNS-' }), ...['ours', 'liar'].map((one) => world.ask('says', { name: one, pattern: '^up$' }))]);
    await world.ask('start', { name: 'net-exporter', argv: [...node, join(import.meta.dirname, '../../../../exporters/net/main.ts'), '--config', await file('net-exporter.yaml', stringify(config))] });
    await world.ask('says', { name: 'net-exporter', pattern: '"port":\\s*\\d+', timeoutMs: 30_000 });
  }, 60_000);
  afterAll(async () => {
    await world.end();
    await rm(folder, { recursive: true, force: true });
  });

  /** Lines of the exposition, once one of them is as wanted. */
  async function untilLine(wanted: RegExp): Promise<readonly string[]> {
    for (const until = Date.now() + 20_000; ; await new Promise((resolve) => { setTimeout(resolve, 100); })) {
      const { text } = await world.ask('fetch', { url: 'http://127.0.0.1:8000/metrics' });
      if (wanted.test(text)) return text.split('\n');
      if (Date.now() > until) throw new Error(`no ${wanted.source} in\n${text.split('\n').filter((line) => /dns|ntp|clock/.test(line)).join('\n')}`);
    }
  }
  const valueOf = (lines: readonly string[], series: string): number => Number(lines.find((line) => line.startsWith(`${series} `))?.split(' ')[1]);

  test('CoreDNS answers over both protocols; a name that it does not have is said by its response code', async () => {
    await untilLine(/^net_exporter_dns_results_total\{server="coredns",role="pod",proto="udp",rcode="NOERROR"\} [1-9]/m);
    await untilLine(/^net_exporter_dns_results_total\{server="coredns",role="pod",proto="tcp",rcode="NOERROR"\} [1-9]/m);
    const lines = await untilLine(/^net_exporter_dns_results_total\{server="coredns",role="pod",proto="udp",rcode="(NXDOMAIN|SERVFAIL|REFUSED)"\} [1-9]/m);
    expect(lines.filter((line) => /^net_exporter_dns_results_total.*(WRONG_ID|MALFORMED|TIMEOUT|OTHER|FORMERR)/.test(line))).toEqual([]);
  });

  test('chrony tells this machine’s time to within some milliseconds, and its stratum', async () => {
    const lines = await untilLine(/^net_exporter_ntp_results_total\{server="127.0.0.2",result="ok"\} [1-9]/m);
    const server = `{server="${addresses.chrony}"}`;
    expect(Math.abs(valueOf(lines, `net_exporter_ntp_offset_seconds${server}`))).toBeLessThan(0.05);
    expect([valueOf(lines, `net_exporter_ntp_stratum${server}`), valueOf(lines, `net_exporter_ntp_leap_indicator${server}`)]).toEqual([8, 0]);
  });

  test('chrony, as a client, believes our NTP server: the right time without lies, two seconds off with', async () => {
    await world.ask('tell', { name: 'liar', line: JSON.stringify([{ offsetSeconds: 2 }]) });
    await world.ask('says', { name: 'liar', pattern: '^lies 1$' });
    const offset = async (server: 'ours' | 'liar'): Promise<number> => {
      const said = await world.run(['sh', '-c', `chronyd -Q -x -t 10 -u root -f /dev/null 'server ${addresses[server]} iburst maxsamples 1' 'pidfile /run/${server}.pid' 'cmdport 0' 2>&1`]);
      return Number(/System clock wrong by (-?[\d.]+) seconds/.exec(said)?.[1]);
    };
    const [ours, liar] = await Promise.all([offset('ours'), offset('liar')]);
    expect([Math.abs(ours) < 0.05, Math.abs(liar - 2) < 0.05]).toEqual([true, true]);
  }, 30_000);
});

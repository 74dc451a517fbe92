/** The console over real sockets: what a person sees of the cloud, and that it gives nothing away. */
import { request } from 'node:http';
import { answersWith, defaultSeed } from '../../../sandbox/openstack/index.ts';
import { html, table } from '../../../sandbox/openstack/console/markup.ts';
import { made, recorded, start, until, type Recorded, type Running } from './fixture.ts';

let r: Recorded;
let running: Running;
const seed = defaultSeed();

beforeAll(async () => {
  r = recorded();
  running = await start(r, { seed });
  await fill();
}, 20_000);
afterAll(() => running.stop());

/** A network behind a router, two servers of which one failed, a load balancer with a sick member, one of each other thing with a quota, names that are HTML. */
async function fill(): Promise<void> {
  const { member } = running;
  const networkId: string = (await made(member, 'network', '/v2.0/networks', 'network', { name: 'nodes' }))['id']!;
  const subnetId: string = (await made(member, 'network', '/v2.0/subnets', 'subnet', { network_id: networkId, ip_version: 4, cidr: '10.10.0.0/24' }))['id']!;
  const external = Object.values(running.cloud.state.neutron.networks).find((network) => network['router:external'])!.id;
  const routerId: string = (await made(member, 'network', '/v2.0/routers', 'router', { name: '<script>alert("router")</script>', external_gateway_info: { network_id: external } }))['id']!;
  await member.call('network', 'PUT', `/v2.0/routers/${routerId}/add_router_interface`, { body: { subnet_id: subnetId } });
  const flavorRef = (await member.call('compute', 'GET', '/flavors') as { flavors: { id: string; name: string }[] }).flavors.find(({ name }) => name === 'k.small')!.id;
  const imageRef = (await member.call('image', 'GET', '/v2/images') as { images: { id: string }[] }).images[0]!.id;
  const server = (name: string) => made(member, 'compute', '/servers', 'server', { name, flavorRef, imageRef, networks: [{ uuid: networkId }], availability_zone: 'az2', user_data: Buffer.from('#cloud-config\npassword: hunter2\n').toString('base64') });
  const good: string = (await server('good'))['id']!;
  await until('ACTIVE', () => running.cloud.state.nova.servers[good]!.vmState === 'active');
  r.boot = () => Promise.reject(new Error('no <b>room</b> left'));
  const bad: string = (await server('bad'))['id']!;
  await until('ERROR', () => running.cloud.state.nova.servers[bad]!.vmState === 'error');
  const port = Object.values(running.cloud.state.neutron.ports).find((one) => one.device_id === good)!;
  await made(member, 'network', '/v2.0/floatingips', 'floatingip', { floating_network_id: external, port_id: port.id });
  const lb: string = (await made(member, 'load-balancer', '/v2.0/lbaas/loadbalancers', 'loadbalancer', { name: 'api', vip_subnet_id: subnetId, provider: 'amphora', listeners: [{
    name: 'kube', protocol: 'TCP', protocol_port: 6443, default_pool: {
      name: 'p', protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN', members: [{ address: '10.10.0.9', protocol_port: 6443 }], healthmonitor: { type: 'TCP', delay: 5, timeout: 3, max_retries: 2 },
    } }] }))['id']!;
  await until('ACTIVE', () => running.cloud.state.octavia.loadBalancers[lb]!.provisioning_status === 'ACTIVE');
  r.health(Object.keys(running.cloud.state.octavia.members)[0]!, 'ERROR');
  await member.call('compute', 'POST', '/os-keypairs', { body: { keypair: { name: 'mine', public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me' } } });
  await member.call('compute', 'POST', '/os-server-groups', { body: { server_group: { name: 'apart', policies: ['anti-affinity'] } } });
  await member.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 7 } } });
  running.cloud.faults.add({ name: 'busy', service: 'compute', probability: 0.5, effect: answersWith(503) });
}

function get(path: string, options: { method?: string; host?: string } = {}): Promise<{ status: number; body: string; headers: Record<string, string | string[] | undefined> }> {
  return new Promise((resolve, reject) => {
    request(`${running.cloud.consoleAddress()}${path}`, { method: options.method ?? 'GET', agent: false, ...(options.host && { headers: { host: options.host } }) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => { body += chunk; }).on('end', () => { resolve({ status: response.statusCode!, body, headers: response.headers }); });
    }).on('error', reject).end();
  });
}
/** What is read aloud: no tags, one blank between words. */
const words = (markup: string): string => markup.replace(/<(style|script)[^]*?<\/\1>/g, ' ').replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
/** The words of the table with this caption. */
const tableOf = (markup: string, caption: RegExp): string => words(markup.split('<table>').find((part) => caption.test(part.slice(0, 200)))?.split('</table>')[0] ?? 'no such table');

test('the page shows the cloud: networks, routers, servers, load balancers, quotas, faults, calls', async () => {
  const { body } = await get('/');
  expect(words(body)).toMatch(/nodes ● ACTIVE MTU 1442, \d+ ports 10\.10\.0\.0\/24 gateway 10\.10\.0\.1/);
  expect(tableOf(body, /Routers of keelson/)).toMatch(/● ACTIVE external 198\.51\.100\.\d+ nodes 10\.10\.0\.1/);
  expect(tableOf(body, /Servers of keelson by zone/)).toMatch(/bad az2 ✕ ERROR .*room.* nodes 10\.10\.0\.\d+ k\.small keelson-node-\S+ good az2 ● ACTIVE nodes 10\.10\.0\.\d+ ↔ 198\.51\.100\.\d+ k\.small/);
  expect(tableOf(body, /Load balancers of keelson/)).toMatch(/api ● ACTIVE ● ONLINE amphora 10\.10\.0\.\d+ TCP 6443 \(kube\): 10\.10\.0\.9:6443 ✕ ERROR/);
  const quotas = tableOf(body, /Quotas of keelson/);
  expect(quotas).toMatch(/servers \(compute\) 2 of 100 2 of 100 cores \(compute\) 4 of 1000/);
  for (const line of [
    'server groups (compute) 1 of 100', 'key pairs of keelson (compute) 1 of 100', 'volumes (volumev3) 1 of 100', 'gigabytes (volumev3) 7 of 10000', 'networks (network) 1 of ',
    'load balancers (load-balancer) 1 of 100', 'listeners (load-balancer) 1 of 200', 'pools (load-balancer) 1 of 200', 'members (load-balancer) 1 of 1000', 'health monitors (load-balancer) 1 of 200',
  ]) expect(quotas).toContain(line);
  expect(tableOf(body, /Quotas of admin/)).not.toContain('volumev3');
  expect(tableOf(body, /Faults of the API/)).toMatch(/busy status 503 compute 50 % 0 \d\d:\d\d:\d\d UTC/);
  expect(tableOf(body, /The last calls/)).toMatch(/load-balancer (GET|POST) \/v2\.0\/lbaas\/loadbalancers 201 \d+ ms keelson of keelson test/);
});

test('what the page shows is there as data, too', async () => {
  const { body, headers } = await get('/cloud.json');
  const picture = JSON.parse(body) as { projects: { name: string; servers: object[] }[] };
  expect(headers['content-type']).toBe('application/json');
  expect(picture.projects.find((project) => project.name === 'keelson')!.servers).toMatchObject([{ name: 'bad', status: 'ERROR', fault: 'no <b>room</b> left' }, { name: 'good', status: 'ACTIVE' }]);
});

test('names are text, and the page may load and run nothing but its own', async () => {
  const { body, headers } = await get('/');
  expect(body).toContain('&lt;script&gt;alert(&quot;router&quot;)&lt;/script&gt;');
  expect(body).toContain('no &lt;b&gt;room&lt;/b&gt; left');
  const policy = String(headers['content-security-policy']);
  const nonce = /script-src 'nonce-([\w-]+)'/.exec(policy)![1]!;
  expect(policy).toMatch(/^default-src 'none'; style-src 'nonce-[\w-]+'; script-src 'nonce-[\w-]+'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/);
  expect([...body.matchAll(/<(script|style)([^>]*)>/g)].map((match) => match[2])).toEqual([` nonce="${nonce}"`, ` nonce="${nonce}"`]);
  expect(body).not.toMatch(/ on\w+=| style=|https?:\/\//);
  expect(String((await get('/')).headers['content-security-policy'])).not.toBe(policy);
});

test('every table says what it is, its headings head something, and every state is a word', async () => {
  const { body } = await get('/');
  const tables = body.split('<table>').slice(1).map((part) => part.split('</table>')[0]!);
  expect(tables.length).toBeGreaterThan(5);
  for (const one of tables) {
    expect(one).toMatch(/^<caption>[^<]+<\/caption>/);
    const columns = one.match(/<th scope="col">/g)!.length;
    for (const row of one.split('<tbody>')[1]!.split('<tr>').slice(1)) expect((row.match(/<th scope="row">|<td>/g) ?? []).length).toBe(columns);
  }
  expect([...body.matchAll(/<span class="(?:good|bad|busy)">([^<]*)/g)].every((match) => /^[●○◐✕] [\w-]+/.test(match[1]!))).toBe(true);
  expect(body).toMatch(/<meter [^>]*aria-label="servers: 2 of 100">2 of 100<\/meter>/);
  expect(body.match(/<h1>/g)).toHaveLength(1);
});

test('opened and closed tags match', async () => {
  const { body } = await get('/');
  const open: string[] = [];
  for (const [, slash, tag] of body.replace(/<(style|script)[^]*?<\/\1>/g, '').replace('<!doctype html>', '').matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
    if (tag === 'meta') continue;
    if (slash === '') open.push(tag!);
    else expect(open.pop()).toBe(tag);
  }
  expect(open).toEqual([]);
});

test('it holds no secret and no user data', async () => {
  const shown = (await get('/')).body + (await get('/cloud.json')).body;
  for (const secret of [seed.admin.password, seed.user.password, seed.applicationCredential.secret, 'hunter2', Buffer.from('password: hunter2').toString('base64').slice(0, 12)]) expect(shown).not.toContain(secret);
  expect(shown).not.toMatch(/gAAAAA|"hash"|"salt"/);
});

test('it only shows, only what is there, and only to who asks by its address', async () => {
  expect((await get('/', { method: 'POST' })).status).toBe(405);
  expect((await get('/', { method: 'DELETE' })).status).toBe(405);
  expect(await get('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  expect((await get('/../etc/passwd')).status).toBe(404);
  expect((await get('/', { host: 'evil.example:80' })).status).toBe(403);
  for (const host of ['localhost:1234', '127.0.0.1', '[::1]:80', '198.51.100.2']) expect((await get('/', { host })).status).toBe(200);
});

test('a template escapes what is put into it, but for templates', () => {
  const name = `<img src=x onerror="a">&'`;
  expect(html`<p title="${name}">${name}${html`<b>${1}</b>`}</p>`.text).toBe('<p title="&lt;img src=x onerror=&quot;a&quot;&gt;&amp;&#39;">&lt;img src=x onerror=&quot;a&quot;&gt;&amp;&#39;<b>1</b></p>');
  expect(table('c', ['a'], [], 'none').text).toBe('<p class="dim">none</p>');
});

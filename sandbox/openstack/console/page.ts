/** The console's page: one document without anything from elsewhere, readable without colour, with a keyboard, in light and dark, on a phone. */
import { html, Html, table } from './markup.ts';
import type { CallPicture, CloudPicture, LoadBalancerPicture, ProjectPicture, ServerPicture } from './picture.ts';
import type { NetworkPicture, RouterPicture } from './network-picture.ts';
import { script, style } from './page-assets.ts';

const shownCalls = 40;

/** @param nonce of the answer's content security policy */
export function consolePage(picture: CloudPicture, nonce: string): string {
  const { projects } = picture;
  const count = (of: (project: ProjectPicture) => number): number => projects.reduce((sum, project) => sum + of(project), 0);
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Simulated OpenStack - Keelson console</title><style nonce="${nonce}">${new Html(style)}</style></head>
<body>
<header><h1>Simulated OpenStack</h1><button type="button" id="pause" aria-pressed="false" hidden>Pause</button></header>
<main>
<p>${picture.region}, zones ${picture.zones.join(', ')}: ${plural(count((one) => one.networks.length), 'network')}, ${plural(count((one) => one.servers.length), 'server')}, ${
  plural(count((one) => one.loadBalancers.length), 'load balancer')}, ${plural(count((one) => one.volumes.length), 'volume')}. <span class="dim">As of ${clock(picture.at)}.</span></p>
${faults(picture)}
${[...projects].sort((a, b) => weight(b) - weight(a)).map((project) => projectSection(project, picture.zones))}
<h2>Last calls</h2>
${table('The last calls of the API, the newest first', ['Time', 'Service', 'Call', 'Status', 'Took', 'Who', 'Client'], picture.calls.slice(0, shownCalls).map(callRow), 'Nobody called yet.')}
</main>
<noscript><meta http-equiv="refresh" content="10"></noscript>
<script nonce="${nonce}">${new Html(script)}</script>
</body>
</html>
`.text;
}

function projectSection(project: ProjectPicture, zones: readonly string[]): Html {
  const { name, networks, routers, servers, loadBalancers, volumes, quotas } = project;
  if (weight(project) === 0) return html`<h2>Project ${name}</h2><p class="dim">Nothing in it.</p>`;
  return html`<h2>Project ${name}</h2>
${networks.length === 0 ? '' : html`<div class="drawing">${networks.map((network) => networkBox(network, project))}</div>`}
${routers.length === 0 ? '' : table(`Routers of ${name}`, ['Router', 'Status', 'Gateway', 'Legs', 'Routes'], routers.map(routerRow), '')}
${servers.length === 0 ? '' : table(`Servers of ${name} by zone`, ['Server', 'Zone', 'Status', 'Addresses', 'Flavor', 'Image'], byZone(servers, zones).map(serverRow), '')}
${loadBalancers.length === 0 ? '' : table(`Load balancers of ${name}`, ['Load balancer', 'Status', 'Address', 'Listeners and the health of their members'], loadBalancers.map(loadBalancerRow), '')}
${volumes.length === 0 ? '' : table(`Volumes of ${name}`, ['Volume', 'Zone', 'Size', 'Status'], volumes.map((volume) => [volume.name || volume.id, volume.zone, `${volume.sizeGb} GiB`, state(volume.status)]), '')}
${quotas.length === 0 ? '' : table(`Quotas of ${name}`, ['Resource', 'Used', 'Share'], quotas.map(({ service, resource, used, limit }) => [
  `${resource} (${service})`, limit < 0 ? `${used}, no limit` : `${used} of ${limit}`,
  limit < 0 ? '' : html`<meter min="0" max="${limit}" high="${Math.ceil(limit * 0.9)}" value="${used}" aria-label="${resource}: ${used} of ${limit}">${used} of ${limit}</meter>`,
]), '')}`;
}

/** A network with what is plugged into it, as boxes on a line. */
function networkBox(network: NetworkPicture, project: ProjectPicture): Html {
  const servers = project.servers.filter((server) => server.addresses.some((one) => one.networkId === network.id));
  const balancers = project.loadBalancers.filter((lb) => lb.networkId === network.id);
  const kind = [network.isExternal ? 'external' : '', network.isShared ? 'shared' : ''].filter((word) => word !== '').join(', ');
  return html`<section class="network"><h3>${network.isExternal ? '☁ ' : ''}${network.name || network.id}</h3>
<p>${state(network.status)} <span class="dim">MTU ${network.mtu}, ${plural(network.ports, 'port')}${kind === '' ? '' : `, ${kind}`}</span></p>
<ul>${network.subnets.map((subnet) => html`<li class="subnet"><code>${subnet.cidr}</code>${subnet.gateway === '' ? '' : html` <span class="dim">gateway <code>${subnet.gateway}</code></span>`}</li>`)}
${network.routers.map((router) => html`<li>⇄ router ${router}</li>`)}
${balancers.map((lb) => html`<li>⚖ ${lb.name || lb.id} <code>${lb.address}</code></li>`)}
${servers.map((server) => html`<li>▣ ${server.name} <span class="dim">${server.zone}</span> ${state(server.status)}</li>`)}
${network.floatingIps.map((ip) => html`<li>↔ <code>${ip.address}</code> ${ip.fixed === '' ? html`<span class="dim">free</span>` : html`to <code>${ip.fixed}</code>`} ${state(ip.status)}</li>`)}</ul></section>`;
}

function routerRow(router: RouterPicture): readonly (string | Html)[] {
  const { gateway, legs, routes } = router;
  return [
    router.name || router.id, state(router.status), gateway.network === '' ? 'none' : html`${gateway.network} <code>${gateway.address}</code>`,
    html`${legs.map((leg) => html`<div>${leg.network} <code>${leg.address}</code></div>`)}`,
    html`${routes.map((route) => html`<div><code>${route.destination}</code> via <code>${route.nexthop}</code></div>`)}`,
  ];
}

function serverRow(server: ServerPicture): readonly (string | Html)[] {
  return [
    server.name, server.zone, html`${state(server.status)}${server.task === '' ? '' : html` <span class="dim">${server.task}</span>`}${server.fault === '' ? '' : html`<div class="bad">${server.fault}</div>`}`,
    html`${server.addresses.map((one) => html`<div>${one.network} <code>${one.address}</code>${one.floating === '' ? '' : html` ↔ <code>${one.floating}</code>`}</div>`)}`,
    server.flavor, server.image,
  ];
}

function loadBalancerRow(lb: LoadBalancerPicture): readonly (string | Html)[] {
  return [
    lb.name || lb.id, html`${state(lb.provisioning)} ${state(lb.operating)} <span class="dim">${lb.provider}</span>`,
    html`<code>${lb.address}</code>${lb.floating === '' ? '' : html` ↔ <code>${lb.floating}</code>`}`,
    html`${lb.listeners.map((listener) => html`<div>${listener.protocol} ${listener.port}${listener.name === '' ? '' : ` (${listener.name})`}: ${
      listener.members.length === 0 ? html`<span class="dim">no members</span>` : html`${listener.members.map((member) => html`<div class="member"><code>${member.address}:${member.port}</code> ${state(member.health)}</div>`)}`}</div>`)}`,
  ];
}

function faults({ faults: held }: CloudPicture): Html {
  if (held.length === 0) return html``;
  return html`<h2>⚠ Faults on demand</h2>${table('Faults of the API that someone asked for; keelson sandbox heal takes them away', ['Fault', 'Effect', 'Strikes', 'Struck', 'Since'], held.map(({ name, effect, since, struck, count, probability, service, method, path, project }) => {
    const { kind, ...details } = effect;
    const target = [service ?? 'all services', method, path, project === undefined ? undefined : `project ${project}`, probability === undefined ? undefined : `${Math.round(probability * 100)} %`].filter((word) => word !== undefined);
    return [name, [...(kind === 'status' ? [] : [kind]), ...Object.entries(details).map(([key, value]) => `${key} ${value}`)].join(', '), target.join(' '), count === undefined ? struck : `${struck} of ${count}`, clock(since)];
  }), '')}`;
}

function callRow(call: CallPicture): readonly (string | Html)[] {
  const isBad = call.status === 0 || call.status >= 400;
  return [clock(call.at), call.service, html`<code>${call.method} ${call.path}</code>`, isBad ? html`<span class="bad">✕ ${call.status === 0 ? 'reset' : call.status}</span>` : String(call.status), `${call.tookMs} ms`, call.who, call.client];
}

const good = new Set(['ACTIVE', 'ONLINE', 'AVAILABLE', 'IN-USE', 'NO_MONITOR']);
const off = new Set(['SHUTOFF', 'DOWN', 'OFFLINE', 'N/A']);
const pending = /^(BUILD|PENDING|REBOOT|HARD_REBOOT|VERIFY|RESIZE|DEGRADED|CREATING|ATTACHING|DETACHING|DELETING|EXTENDING|RESERVED)/;

/** The word with a sign before it, so that it is told apart without colour. */
function state(word: string): Html {
  const upper = word.toUpperCase();
  const [sign, kind] = good.has(upper) ? ['●', 'good'] : off.has(upper) ? ['○', 'dim'] : pending.test(upper) ? ['◐', 'busy'] : ['✕', 'bad'];
  return html`<span class="${kind}">${sign} ${word}</span>`;
}

function byZone(servers: readonly ServerPicture[], zones: readonly string[]): ServerPicture[] {
  return [...servers].sort((a, b) => zones.indexOf(a.zone) - zones.indexOf(b.zone));
}

function weight({ networks, routers, servers, loadBalancers, volumes }: ProjectPicture): number {
  return networks.length + routers.length + servers.length + loadBalancers.length + volumes.length;
}

function clock(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(11, 19)} UTC</time>`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

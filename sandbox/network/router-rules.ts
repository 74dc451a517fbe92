/**
 * The NAT of one router as nft text. The rules follow Neutron's L3 agent (neutron/agent/l3/router_info.py and
 * dvr/legacy tables): floating IPs first, then the gateway address, and traffic that comes back to the tenant through a floating
 * IP (hairpin) is given the gateway's address so that the answer returns through the router.
 */
import { gatewayDevice } from './names.ts';

export interface RouterNat {
  /** Address on the external network; undefined for a router without a gateway. */
  readonly gateway?: string;
  /** False leaves sources alone (`enable_snat: false`), floating IPs still work. */
  readonly snat: boolean;
  readonly floatingIps: readonly { readonly floating: string; readonly fixed: string }[];
}

/** One transaction that replaces the router's table; connections known to conntrack live on. */
export function routerRules(nat: RouterNat): string {
  const replace = 'table ip keelson\ndelete table ip keelson\n';
  if (nat.gateway === undefined) return `${replace}`;
  return `${replace}table ip keelson {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "${gatewayDevice}" meta mark set 2
${lines(dnat(nat))}  }
  chain forward {
    type filter hook forward priority filter; policy accept;
${lines(departed(nat))}  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    meta mark != 2 oifname != "${gatewayDevice}" ct status & dnat == 0 accept
${lines(snat(nat))}  }
}
`;
}

function dnat({ floatingIps }: RouterNat): string[] {
  if (floatingIps.length === 0) return [];
  return [`dnat to ip daddr map { ${floatingIps.map((f) => `${f.floating} : ${f.fixed}`).join(', ')} }`];
}

/** Connections through a floating IP end when it is taken away or moved, as the L3 agent ends them with `conntrack -D`. */
function departed({ floatingIps }: RouterNat): string[] {
  if (floatingIps.length === 0) return ['ct status & dnat != 0 drop'];
  return [`ct status & dnat != 0 ct original ip daddr . ct reply ip saddr != { ${floatingIps.map((f) => `${f.floating} . ${f.fixed}`).join(', ')} } drop`];
}

function snat({ gateway, snat: enabled, floatingIps }: RouterNat): string[] {
  const own = floatingIps.length === 0 ? [] : [`snat to ip saddr map { ${floatingIps.map((f) => `${f.fixed} : ${f.floating}`).join(', ')} }`];
  const outward = enabled ? [`oifname "${gatewayDevice}" snat to ${gateway}`] : [];
  const hairpin = [`meta mark != 2 ct status & dnat != 0 snat to ${gateway}`];
  return [...own, ...outward, ...hairpin];
}

function lines(rules: readonly string[]): string {
  return rules.map((rule) => `    ${rule}\n`).join('');
}

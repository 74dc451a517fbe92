/** A tenant network: one bridge without an address. Two tenants with equal CIDRs never meet, because no namespace has legs of both. */
import { attempt, ipBatch, run } from './command.ts';
import { bridgeName } from './names.ts';

/** Makes the bridge, or gives it another MTU. */
export async function ensureTenantBridge(networkId: string, mtu: number): Promise<void> {
  const bridge = bridgeName(networkId);
  const on = `network ${networkId}`;
  const there = await attempt('ip', ['-j', 'link', 'show', 'dev', bridge]);
  if (there.kind === 'failed') {
    await ipBatch([
      `link add name ${bridge} mtu ${mtu} type bridge forward_delay 0 stp_state 0 mcast_snooping 0`,
      `link set dev ${bridge} up`,
    ], { on });
    return;
  }
  const [row] = JSON.parse(there.stdout) as { mtu?: number }[];
  if (row?.mtu !== mtu) await run('ip', ['link', 'set', 'dev', bridge, 'mtu', String(mtu)], { on });
}

/** Takes the bridge away; ports that are still on it lose their network and live on. */
export async function removeTenantBridge(networkId: string): Promise<void> {
  await attempt('ip', ['link', 'del', 'dev', bridgeName(networkId)]);
}

/** Who may reach the bastion of a Cluster, and the rules of Neutron that say so. Pure. */
import { parseVariables } from '../../api/variable-definitions.ts';
import type { SecurityGroupRuleRecord } from '../../openstack/index.ts';
import { type PreflightCluster, valuesOf } from '../../preflight/cluster.ts';

/** undefined: everybody may, or there is no bastion. @throws ApiError VARIABLE_INVALID for values that admission would refuse */
export function wantedRanges(cluster: PreflightCluster): readonly string[] | undefined {
  const { enabled, allowedCidrs } = parseVariables(valuesOf(cluster.spec?.topology?.variables)).bastion;
  return enabled && allowedCidrs.length > 0 ? allowedCidrs : undefined;
}

const ssh = 22;

/** Ranges that the group lacks, and its rules that let in somebody else. What a new group of Neutron lets out stays. */
export function difference(rules: readonly SecurityGroupRuleRecord[], ranges: readonly string[]): { readonly missing: readonly string[]; readonly surplus: readonly SecurityGroupRuleRecord[] } {
  const ingress = rules.filter(({ direction }) => direction === 'ingress');
  const isWanted = (rule: SecurityGroupRuleRecord): boolean => ranges.some((range) => lets(rule, range));
  return { missing: ranges.filter((range) => !ingress.some((rule) => lets(rule, range))), surplus: ingress.filter((rule) => !isWanted(rule)) };
}

const lets = (rule: SecurityGroupRuleRecord, range: string): boolean =>
  rule.ethertype === 'IPv4' && rule.protocol === 'tcp' && rule.port_range_min === ssh && rule.port_range_max === ssh && rule.remote_ip_prefix === range;

export const ruleFor = (group: string, range: string): object => ({
  security_group_id: group, direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', port_range_min: ssh, port_range_max: ssh, remote_ip_prefix: range, description: 'SSH to the bastion',
});

/** Among the rules of CAPO's groups of nodes, which let in SSH from CAPO's own group of bastions alone. */
export const nodeRule = (group: string): object => ({
  name: 'keelson-bastion', description: 'SSH from the bastion', direction: 'ingress', etherType: 'IPv4', protocol: 'tcp', portRangeMin: ssh, portRangeMax: ssh, remoteGroupID: group,
});

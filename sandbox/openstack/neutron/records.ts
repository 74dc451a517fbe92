/** What Neutron remembers, in the shape its API shows it (computed fields are added by each collection's `view`). */

/** What every Neutron resource has (standard attributes). */
export interface Standard {
  id: string;
  name: string;
  description: string;
  /** Empty for ports that Neutron makes for itself (router gateways, floating IPs): members do not see them. */
  project_id: string;
  tags: string[];
  created_at: string;
  updated_at: string;
  revision_number: number;
}

export interface NetworkRecord extends Standard {
  admin_state_up: boolean;
  mtu: number;
  status: string;
  shared: boolean;
  'router:external': boolean;
  is_default: boolean;
  port_security_enabled: boolean;
  availability_zone_hints: string[];
  dns_domain: string;
  provider: { type: string; physical: string | null; segment: number | null };
}

export interface AddressRange {
  start: string;
  end: string;
}

export interface HostRoute {
  destination: string;
  nexthop: string;
}

export interface SubnetRecord extends Standard {
  network_id: string;
  ip_version: 4 | 6;
  cidr: string;
  gateway_ip: string | null;
  enable_dhcp: boolean;
  allocation_pools: AddressRange[];
  dns_nameservers: string[];
  host_routes: HostRoute[];
  ipv6_ra_mode: string | null;
  ipv6_address_mode: string | null;
}

export interface FixedIp {
  subnet_id: string;
  ip_address: string;
}

export interface PortRecord extends Standard {
  network_id: string;
  mac_address: string;
  admin_state_up: boolean;
  status: 'DOWN' | 'ACTIVE' | 'BUILD' | 'N/A';
  device_id: string;
  device_owner: string;
  fixed_ips: FixedIp[];
  allowed_address_pairs: { mac_address: string; ip_address: string }[];
  extra_dhcp_opts: unknown[];
  security_groups: string[];
  port_security_enabled: boolean;
  'binding:vnic_type': string;
  'binding:host_id': string;
  'binding:profile': Record<string, unknown>;
}

export interface RouterRecord extends Standard {
  admin_state_up: boolean;
  status: 'ACTIVE' | 'ERROR';
  external_gateway_info: { network_id: string; enable_snat: boolean; external_fixed_ips: FixedIp[] } | null;
  availability_zone_hints: string[];
  routes: HostRoute[];
}

export interface FloatingIpRecord extends Standard {
  floating_network_id: string;
  floating_ip_address: string;
  /** The port that holds the floating address on the external network. */
  floating_port_id: string;
  port_id: string | null;
  fixed_ip_address: string | null;
  router_id: string | null;
  status: 'ACTIVE' | 'DOWN' | 'ERROR';
  dns_domain: string;
  dns_name: string;
}

export interface SecurityGroupRecord extends Standard {
  stateful: boolean;
}

export interface SecurityGroupRuleRecord {
  id: string;
  project_id: string;
  security_group_id: string;
  direction: 'ingress' | 'egress';
  ethertype: 'IPv4' | 'IPv6';
  protocol: string | null;
  port_range_min: number | null;
  port_range_max: number | null;
  remote_ip_prefix: string | null;
  remote_group_id: string | null;
  remote_address_group_id: string | null;
  description: string | null;
  created_at: string;
  updated_at: string;
  revision_number: number;
}

export interface SubportRecord {
  port_id: string;
  segmentation_type: string;
  segmentation_id: number;
}

export interface TrunkRecord extends Standard {
  port_id: string;
  admin_state_up: boolean;
  status: string;
  sub_ports: SubportRecord[];
}

/** A network lent to another project, or to all of them (`*`). */
export interface RbacPolicyRecord {
  id: string;
  project_id: string;
  object_type: string;
  object_id: string;
  target_tenant: string;
  action: 'access_as_shared' | 'access_as_external';
}

export interface NeutronState {
  networks: Record<string, NetworkRecord>;
  subnets: Record<string, SubnetRecord>;
  ports: Record<string, PortRecord>;
  routers: Record<string, RouterRecord>;
  floatingIps: Record<string, FloatingIpRecord>;
  securityGroups: Record<string, SecurityGroupRecord>;
  securityGroupRules: Record<string, SecurityGroupRuleRecord>;
  trunks: Record<string, TrunkRecord>;
  rbacPolicies: Record<string, RbacPolicyRecord>;
  /** Limits that differ from the default, by project, then by resource. -1 is no limit. */
  quotas: Record<string, Record<string, number>>;
}

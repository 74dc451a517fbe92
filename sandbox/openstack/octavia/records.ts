/** What Octavia remembers, in the shape its API shows it; links between objects are kept once, on the child. */

export type ProvisioningStatus = 'PENDING_CREATE' | 'PENDING_UPDATE' | 'PENDING_DELETE' | 'ACTIVE' | 'ERROR';
export type OperatingStatus = 'ONLINE' | 'OFFLINE' | 'ERROR' | 'DEGRADED' | 'NO_MONITOR';

export interface Provisioned {
  id: string;
  name: string;
  project_id: string;
  provisioning_status: ProvisioningStatus;
  operating_status: OperatingStatus;
  admin_state_up: boolean;
  tags: string[];
  created_at: string;
  updated_at: string | null;
}

export interface LoadBalancerRecord extends Provisioned {
  description: string;
  provider: string;
  vip_address: string;
  vip_port_id: string;
  vip_subnet_id: string;
  vip_network_id: string;
  /** The port was the client's: it stays when the load balancer goes. */
  vip_port_is_foreign: boolean;
  flavor_id: string | null;
  availability_zone: string | null;
}

export interface ListenerRecord extends Provisioned {
  loadbalancer_id: string;
  description: string;
  protocol: string;
  protocol_port: number;
  connection_limit: number;
  default_pool_id: string | null;
  allowed_cidrs: string[] | null;
  insert_headers: Record<string, string>;
  timeout_client_data: number;
  timeout_member_connect: number;
  timeout_member_data: number;
  timeout_tcp_inspect: number;
}

export interface PoolRecord extends Provisioned {
  loadbalancer_id: string;
  description: string;
  protocol: string;
  lb_algorithm: string;
  session_persistence: Record<string, unknown> | null;
  tls_enabled: boolean;
}

export interface MemberRecord extends Provisioned {
  pool_id: string;
  address: string;
  protocol_port: number;
  weight: number;
  backup: boolean;
  subnet_id: string | null;
  monitor_address: string | null;
  monitor_port: number | null;
}

export interface HealthMonitorRecord extends Provisioned {
  pool_id: string;
  type: string;
  delay: number;
  timeout: number;
  max_retries: number;
  max_retries_down: number;
  http_method: string | null;
  url_path: string | null;
  expected_codes: string | null;
  http_version: number | null;
  domain_name: string | null;
}

export interface OctaviaState {
  loadBalancers: Record<string, LoadBalancerRecord>;
  listeners: Record<string, ListenerRecord>;
  pools: Record<string, PoolRecord>;
  members: Record<string, MemberRecord>;
  healthMonitors: Record<string, HealthMonitorRecord>;
  quotas: Record<string, Record<string, number>>;
}

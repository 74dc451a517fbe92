/** The service catalogue: the only way clients learn where services are. Ids are stable, so that two tokens show the same catalogue. */
import { createHash } from 'node:crypto';
import type { Core } from '../core.ts';
import type { ServiceName } from '../http/service.ts';

interface Entry {
  readonly type: ServiceName;
  readonly name: string;
  /** What follows the service's address; `%project%` stands for the token's project. */
  readonly path: string;
}

const entries: readonly Entry[] = [
  { type: 'identity', name: 'keystone', path: '/v3' },
  { type: 'compute', name: 'nova', path: '/v2.1' },
  { type: 'network', name: 'neutron', path: '' },
  { type: 'image', name: 'glance', path: '' },
  { type: 'load-balancer', name: 'octavia', path: '' },
  { type: 'volumev3', name: 'cinderv3', path: '/v3/%project%' },
];
const interfaces = ['public', 'internal', 'admin'];

export interface CatalogService {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly { id: string; interface: string; region: string; region_id: string; url: string }[];
}

/** The catalogue as a token of this project shows it. */
export function catalog(core: Core, projectId: string): CatalogService[] {
  const { region } = core.state;
  return entries.map(({ type, name, path }) => ({
    id: stableId(type),
    type,
    name,
    endpoints: interfaces.map((one) => ({
      id: stableId(`${type} ${one}`), interface: one, region, region_id: region, url: `${core.addressOf(type)}${path.replace('%project%', projectId)}`,
    })),
  }));
}

function stableId(of: string): string {
  return createHash('sha256').update(`keelson ${of}`).digest('hex').slice(0, 32);
}

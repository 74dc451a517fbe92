/** Time servers: certificates and etcd leases need clocks that agree. cloud-init's own module sets up whichever client the image has. */
import type { Variables } from '../../../api/variables/index.ts';

export const ntp = ({ ntpServers }: Variables['os']): { ntp?: object } => (ntpServers.length ? { ntp: { enabled: true, servers: ntpServers } } : {});

/** Time servers: certificates and etcd leases need clocks that agree. cloud-init's own module sets up whichever client the image has. */
import type { Variables } from '../../../api/variables/index.ts';
import { file, type NodePart } from '../part.ts';

export const ntp = ({ ntpServers, format }: Variables['os']): { ntp?: object } => (ntpServers.length && format !== 'ignition' ? { ntp: { enabled: true, servers: ntpServers } } : {});

/** With Ignition Cluster API would start ntpd beside Flatcar's timesyncd; this one reads the file when it first starts. */
export const timeServers = ({ ntpServers, format }: Variables['os']): NodePart => (ntpServers.length && format === 'ignition' ? { files: [file('/etc/systemd/timesyncd.conf.d/10-keelson.conf', `[Time]\nNTP=${ntpServers.join(' ')}\n`, '0644')] } : {});

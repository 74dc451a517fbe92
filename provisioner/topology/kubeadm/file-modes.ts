/** Modes that kubeadm and images leave wider than CIS wants them. */
import type { Variables } from '../../api/variables/index.ts';
import type { NodePart } from './part.ts';

/** CIS 4.1.1, 4.1.9: the kubelet's unit, its drop-ins and the configuration that kubeadm writes as 644. */
const kubeletFiles = '/var/lib/kubelet/config.yaml /usr/lib/systemd/system/kubelet.service /etc/systemd/system/kubelet.service /usr/lib/systemd/system/kubelet.service.d/*.conf /etc/systemd/system/kubelet.service.d/*.conf';
/** Where /usr is read-only, the modes of what is in it are the image's. */
const changeableFiles = '/var/lib/kubelet/config.yaml /etc/systemd/system/kubelet.service /etc/systemd/system/kubelet.service.d/*.conf';

export const fileModes = (format: Variables['os']['format']): NodePart => ({ after: [`for file in ${format === 'ignition' ? changeableFiles : kubeletFiles}; do [ ! -f "$file" ] || chmod 0600 "$file"; done`] });

/** CIS 1.1.21: keys. kubeadm writes them 600 already; what an operator copied may be wider. CNI configuration (1.1.9) is the network plugin's. */
export const controlPlaneFileModes: NodePart = { after: ["find /etc/kubernetes/pki -name '*.key' -exec chmod 0600 {} +"] };

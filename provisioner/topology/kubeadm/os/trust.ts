/** Certificate authorities that the operating system trusts beside its own; containerd must start anew to see them. */
import type { Variables } from '../../../api/variables/index.ts';
import { file, type NodePart } from '../part.ts';

/** Debian and Ubuntu; Fedora and its kin have another folder and command. */
const folder = '/usr/local/share/ca-certificates';

/** Flatcar has no other that can be written: https://www.flatcar.org/docs/latest/setup/security/adding-certificate-authorities/ */
const flatcarFolder = '/etc/ssl/certs';

export function certificateAuthorities({ certificateAuthorities: pems, format }: Variables['os']): NodePart {
  if (!pems.length) return {};
  if (format === 'ignition') return { files: pems.map((pem, i) => file(`${flatcarFolder}/keelson-${i + 1}.pem`, `${pem.trim()}\n`, '0644')), before: ['update-ca-certificates', 'systemctl restart containerd'] };
  return {
    files: pems.map((pem, i) => file(`${folder}/keelson-${i + 1}.crt`, `${pem.trim()}\n`, '0644')),
    before: [`if command -v update-ca-trust > /dev/null; then cp ${folder}/keelson-*.crt /etc/pki/ca-trust/source/anchors/ && update-ca-trust; else update-ca-certificates; fi`, 'systemctl restart containerd'],
  };
}

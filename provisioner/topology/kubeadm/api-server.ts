/** The API server: arguments, the files they name, and the folders it sees. CIS numbers are those of benchmark 1.12. */
import { encryptionSecret } from '../../api/names.ts';
import type { Inputs } from '../patches/inputs.ts';
import { admissionConfiguration, admissionPlugins } from './admission.ts';
import type { Argument } from './argument.ts';
import { auditPolicy } from './audit-policy.ts';
import { authenticationConfiguration } from './authentication.ts';
import { featureGateArgument } from './feature-gates.ts';
import { folder, jsonFile, type NodePart } from './part.ts';
import { componentTls } from './tls.ts';
import { versionOf } from './version.ts';

export const auditLogFolder = '/var/log/kubernetes/audit';

const paths = {
  admission: `${folder}/admission.json`,
  audit: `${folder}/audit-policy.json`,
  authentication: `${folder}/authentication.json`,
  encryption: `${folder}/encryption.json`,
} as const;

/** CIS 1.2.15, 1.3.2, 1.4.1 */
export const noProfiling: Argument = { name: 'profiling', value: 'false' };

export interface ApiServer {
  readonly extraArgs: readonly Argument[];
  readonly extraVolumes: readonly object[];
  readonly certSANs: readonly string[];
}

export function apiServer(inputs: Inputs): ApiServer {
  const { api } = inputs.variables;
  return {
    // Loopback names, so that the API server can be reached through a tunnel on one's own machine.
    certSANs: ['localhost', '127.0.0.1', ...api.certificateNames],
    extraArgs: [
      noProfiling,
      { name: 'enable-admission-plugins', value: admissionPlugins(api.admission) },
      { name: 'admission-control-config-file', value: paths.admission },
      { name: 'authentication-config', value: paths.authentication },
      { name: 'audit-policy-file', value: paths.audit },
      { name: 'audit-log-path', value: `${auditLogFolder}/audit.log` },
      { name: 'audit-log-maxage', value: String(api.audit.maxAgeDays) },
      { name: 'audit-log-maxbackup', value: String(api.audit.maxFiles) },
      { name: 'audit-log-maxsize', value: String(api.audit.maxSizeMiB) },
      ...(api.encryption === 'none' ? [] : [{ name: 'encryption-provider-config', value: paths.encryption }, { name: 'encryption-provider-config-automatic-reload', value: 'true' }]),
      // CIS 1.2.21, 1.2.30
      { name: 'service-account-lookup', value: 'true' },
      { name: 'service-account-extend-token-expiration', value: 'false' },
      ...componentTls(api.tls),
      ...featureGateArgument(api.featureGates, 'apiServer', versionOf(inputs)),
    ],
    extraVolumes: [
      { name: 'keelson', hostPath: folder, mountPath: folder, readOnly: true, pathType: 'Directory' },
      { name: 'audit-log', hostPath: auditLogFolder, mountPath: auditLogFolder, readOnly: false, pathType: 'Directory' },
    ],
  };
}

/** Files of the API server, on every control plane server. */
export function apiServerFiles({ variables: { api }, builtin }: Inputs): NodePart {
  return {
    files: [
      jsonFile(paths.admission, admissionConfiguration(api.admission)),
      jsonFile(paths.audit, auditPolicy(api.audit.rules)),
      jsonFile(paths.authentication, authenticationConfiguration(api.authentication.issuers)),
      ...(api.encryption === 'none' ? [] : [{ path: paths.encryption, contentFrom: { secret: encryptionSecret(builtin.cluster.name) }, permissions: '0600', owner: 'root:root' } as const]),
    ],
    before: [`install -d -m 0700 ${folder} ${auditLogFolder}`],
  };
}

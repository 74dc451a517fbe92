/** The two policies that platforms of that time had, and a policy for a host agent. */
import { expect, test } from '@jest/globals';
import type { Fields } from '../../../policies/pods/fields.ts';
import { migratePsp } from '../../../policies/pods/psp.ts';

const psp = (name: string, spec: object): Fields => ({ apiVersion: 'policy/v1beta1', kind: 'PodSecurityPolicy', metadata: { name }, spec });
const ranges = (rule: string, min: number, max: number): object => ({ rule, ranges: [{ min, max }] });

test('privileged becomes level privileged, with every check to be waived at restricted', () => {
  const migration = migratePsp(psp('privileged', { privileged: true, hostPID: true, hostNetwork: true, hostPorts: [{ min: 0, max: 65535 }], volumes: ['*'], allowedCapabilities: ['*'], allowPrivilegeEscalation: true, runAsUser: { rule: 'RunAsAny' } }));
  expect(migration.level).toBe('privileged');
  expect(migration.waive.map(({ check }) => check)).toEqual(['privileged', 'hostNamespaces', 'hostPorts', 'hostPathVolumes', 'restrictedVolumes', 'capabilities_restricted', 'allowPrivilegeEscalation', 'runAsNonRoot']);
});

test('restricted loses its ranges of users and groups; capabilities were not its business', () => {
  const migration = migratePsp(psp('restricted', { privileged: false, allowPrivilegeEscalation: false, runAsUser: ranges('MustRunAs', 1000, 65535), fsGroup: ranges('MustRunAs', 1, 65535), supplementalGroups: ranges('MustRunAs', 1, 65535), seLinux: { rule: 'RunAsAny' }, volumes: ['secret', 'configMap'] }));
  expect(migration.level).toBe('baseline');
  expect(migration.waive.map(({ check }) => check)).toEqual(['capabilities_restricted']);
  expect(migration.lost.map(({ field }) => field)).toEqual(['runAsUser ranges', 'fsGroup ranges', 'supplementalGroups ranges']);
});

test('a list of read-only host paths becomes an exception by name, and what it cannot say is told', () => {
  const migration = migratePsp(psp('cert-exporter', {
    runAsUser: ranges('MustRunAs', 1000, 1000), allowPrivilegeEscalation: false, requiredDropCapabilities: ['ALL'], volumes: ['secret', 'hostPath'], readOnlyRootFilesystem: true,
    allowedHostPaths: [{ pathPrefix: '/etc/kubernetes/pki', readOnly: true }],
  }));
  expect(migration.level).toBe('privileged');
  expect(migration.waive.map(({ check }) => check)).toEqual(['hostPathVolumes', 'restrictedVolumes']);
  expect(migration.waive[0]?.how).toMatch(/by exact name: it waives the check whole/);
  expect(migration.lost.map(({ field }) => field)).toEqual(['allowedHostPaths', 'runAsUser ranges', 'readOnlyRootFilesystem']);
});

test('another kind is refused', () => {
  expect(() => migratePsp({ kind: 'Pod', spec: {} })).toThrow(/Pod is not a PodSecurityPolicy/);
});

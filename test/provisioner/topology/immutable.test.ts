/** No change that is let in may reach a field that CAPO or the kubeadm control plane refuse to change: the topology would stand still, with a running cluster behind it. */
import fc from 'fast-check';
import { immutableFields } from '../../../provisioner/api/variables/immutable.ts';
import type { VariablesInput } from '../../../provisioner/api/variables/index.ts';
import { arbitraryVariables, type Values } from './arbitrary-variables.ts';
import { patched, request } from './requests.ts';

/** What CAPO 0.14 lets change in an OpenStackCluster (pkg/webhooks/openstackcluster_webhook.go); its tags and everything else stay. */
const changeable = ['identityRef', 'managedSecurityGroups', 'bastion', 'controlPlaneAvailabilityZones'];

/** What Cluster API 1.14 lets change in a KubeadmControlPlane's kubeadmConfigSpec (controlplane/kubeadm/webhooks/admission), as far as we set it. */
const kubeadmChangeable = /^(clusterConfiguration\/(etcd|dns|apiServer|controllerManager|scheduler)|(init|join)Configuration\/(nodeRegistration|patches|skipPhases|localAPIEndpoint|controlPlane)|preKubeadmCommands|postKubeadmCommands|files|users|ntp|diskSetup|mounts|ignition|format)(\/|$)/;

/** `second`, with every immutable field as in `first`. */
function allowedChange(first: Values, second: Values): Values {
  const copy = structuredClone(second) as Record<string, unknown>;
  for (const { variable, path } of immutableFields()) {
    const last = path.at(-1) ?? '';
    const holder = (values: Values, make: boolean): Record<string, unknown> | undefined =>
      [variable, ...path.slice(0, -1)].reduce<Record<string, unknown> | undefined>((object, key) => (object ? ((make ? (object[key] ??= {}) : object[key]) as Record<string, unknown> | undefined) : undefined), values);
    const value = holder(first, false)?.[last];
    if (value !== undefined) (holder(copy, true) as Record<string, unknown>)[last] = value;
    else delete holder(copy, false)?.[last];
  }
  return copy;
}

function unchangeable(values: Values): unknown {
  const cluster = patched(request(values as VariablesInput))['cluster'] ?? {};
  const { managedSubnets, apiServerLoadBalancer, ...rest } = Object.fromEntries(Object.entries(cluster).filter(([field]) => !changeable.includes(field))) as Record<string, unknown> & { managedSubnets?: { cidr: string }[]; apiServerLoadBalancer?: Record<string, unknown> };
  return { ...rest, managedSubnets: managedSubnets?.map(({ cidr }) => cidr), apiServerLoadBalancer: { ...apiServerLoadBalancer, allowedCIDRs: undefined } };
}

const pairs = fc.tuple(arbitraryVariables(), arbitraryVariables());

test('what may change changes nothing that CAPO fixes', () => {
  fc.assert(fc.property(pairs, ([first, second]) => expect(unchangeable(allowedChange(first, second))).toEqual(unchangeable(first))), { numRuns: 30 });
});

test('without the marks it would', () => {
  const found = fc.check(fc.property(pairs, ([first, second]) => expect(unchangeable(second)).toEqual(unchangeable(first))), { numRuns: 30 });
  expect(found.failed).toBe(true);
});

test('what is set of a control plane are fields that Cluster API lets change', () => {
  const paths = (value: unknown, path: string): string[] => (typeof value === 'object' && value !== null && !Array.isArray(value) && path.split('/').length < 2 ? Object.entries(value).flatMap(([key, inner]) => paths(inner, path ? `${path}/${key}` : key)) : [path]);
  fc.assert(fc.property(arbitraryVariables(), (values) => {
    const spec = patched(request(values as VariablesInput))['control-plane']?.['kubeadmConfigSpec'];
    expect(paths(spec, '').filter((path) => !kubeadmChangeable.test(path))).toEqual([]);
  }), { numRuns: 30 });
});

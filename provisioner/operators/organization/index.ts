/** The controllers of Organizations over their caches. */
import type { Registry } from 'prom-client';
import { labels } from '../../api/labels.ts';
import type { Organization } from './organization-object.ts';
import { type ChangeSource, type Controller, Reflector, resources } from '../../kube/index.ts';
import type { Cluster } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { ServedReflector } from '../served.ts';
import { organizationController } from './controller.ts';
import { registerOrganizationMetrics } from './metrics.ts';
import type { MachineDeployment } from './usage.ts';
import { organizationUsageController, trimmedDeployment } from './usage-controller.ts';
import type { RoleBinding } from './wanted.ts';

export interface OrganizationOptions {
  readonly context: OperatorContext;
  readonly clusters: ChangeSource<Cluster>;
  readonly registry?: Registry;
}

export function organizationControllers({ context, clusters, registry }: OrganizationOptions): Controller[] {
  const common = ({ plural }: { plural: string }) => ({ ...context, observer: context.metrics?.reflectorObserver(`${plural} of organizations`) });
  const organizations = new ServedReflector(new Reflector<Organization>({ ...common(resources.organizations), resource: resources.organizations }), context);
  const namespaces = new Reflector({ ...common(resources.namespaces), resource: resources.namespaces, labelSelector: labels.organization });
  const bindings = new Reflector<RoleBinding>({ ...common(resources.roleBindings), resource: resources.roleBindings, labelSelector: labels.organization });
  const deployments = new ServedReflector(new Reflector<MachineDeployment>({ ...common(resources.machineDeployments), resource: resources.machineDeployments, transform: trimmedDeployment }), context);
  if (registry) registerOrganizationMetrics(registry, organizations);
  return [
    organizationController({ context, organizations, namespaces, bindings, clusters }),
    organizationUsageController({ context, organizations, clusters, deployments }),
  ];
}

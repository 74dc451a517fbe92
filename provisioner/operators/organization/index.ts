/** The controllers of Organizations over their caches. */
import type { Registry } from 'prom-client';
import { labels } from '../../api/labels.ts';
import type { Organization } from './organization-object.ts';
import { type ChangeSource, type Controller, Reflector, type Resource, resources } from '../../kube/index.ts';
import type { Cluster } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { ServedReflector } from '../served.ts';
import { organizationController } from './controller.ts';
import { registerOrganizationMetrics } from './metrics.ts';
import type { ScaledMachines } from './usage.ts';
import { organizationUsageController, trimmedMachines } from './usage-controller.ts';
import type { RoleBinding } from './wanted.ts';

export interface OrganizationOptions {
  readonly context: OperatorContext;
  readonly clusters: ChangeSource<Cluster> & { items(): Cluster[] };
  readonly registry?: Registry;
}

export function organizationControllers({ context, clusters, registry }: OrganizationOptions): Controller[] {
  const common = ({ plural }: { plural: string }) => ({ ...context, observer: context.metrics?.reflectorObserver(`${plural} of organizations`) });
  const organizations = new ServedReflector(new Reflector<Organization>({ ...common(resources.organizations), resource: resources.organizations }), context);
  const namespaces = new Reflector({ ...common(resources.namespaces), resource: resources.namespaces, labelSelector: labels.organization });
  const bindings = new Reflector<RoleBinding>({ ...common(resources.roleBindings), resource: resources.roleBindings, labelSelector: labels.organization });
  const scaled = (resource: Resource): ServedReflector<ScaledMachines> => new ServedReflector(new Reflector<ScaledMachines>({ ...common(resource), resource, transform: trimmedMachines }), context);
  if (registry) registerOrganizationMetrics(registry, organizations);
  return [
    organizationController({ context, organizations, namespaces, bindings, clusters }),
    organizationUsageController({ context, organizations, clusters, deployments: scaled(resources.machineDeployments), controlPlanes: scaled(resources.kubeadmControlPlanes) }),
  ];
}

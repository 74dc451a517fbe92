/** What a tenant's namespace may not name: the platform's priorities, node ports. */
import { platformPriorities, systemPriorities } from '../namespace-class.ts';
import { finding, type Rule } from './rule.ts';

const reserved: ReadonlySet<string> = new Set([...systemPriorities, ...platformPriorities]);

/** @param isPlatform whether a namespace belongs to the platform */
export function classRules(isPlatform: (namespace: string) => boolean): readonly Rule[] {
  return [
    {
      name: 'priority/reserved',
      demands: "No workload outside the platform's namespaces has a priority that pushes others out.",
      check: ({ workloads }) =>
        workloads.flatMap(({ item, template, path }) => {
          const name = template.spec.priorityClassName;
          if (!name || !reserved.has(name) || isPlatform(item.namespace)) return [];
          return [finding(item, 'priority/reserved', { path: `${path}.priorityClassName`, message: `is ${name}, which is the platform's: it pushes out pods of everybody, and a tenant's quota refuses it`, fix: 'Leave it out, or write keelson-batch for work that can wait.' })];
        }),
    },
    {
      name: 'service/node-port',
      demands: 'No Service opens a port on every node by itself.',
      check: ({ all }) =>
        all.of('Service').flatMap((item) =>
          item.spec.type !== 'NodePort' || isPlatform(item.namespace)
            ? []
            : [finding(item, 'service/node-port', { path: 'spec.type', message: 'is NodePort: a port on every node, past every load balancer and its allowed addresses', fix: 'Write type: LoadBalancer, or ClusterIP behind an ingress.' })],
        ),
    },
  ];
}

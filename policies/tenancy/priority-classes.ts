/** Who is pushed out for whom when a node is full: the platform before tenants, tenants before batch work. */
import { platformPriorities } from './namespace-class.ts';
import type { Manifest } from './manifest.ts';

const [critical, platform] = platformPriorities;

/** Users' values end at 1,000,000,000; Kubernetes keeps what is above (k8s.io/kubernetes/pkg/apis/scheduling, HighestUserDefinablePriority). */
export function priorityClasses(): Manifest[] {
  return [
    priority(critical, 1_000_000, "Without it a cluster is not watched or cannot be repaired: network, storage, DNS, the platform's admission."),
    priority(platform, 100_000, "The platform's other components."),
    { ...priority('keelson-tenant', 0, 'What a pod has that names no class.'), globalDefault: true },
    { ...priority('keelson-batch', -1_000, 'Work that waits: it pushes nothing out, and goes first.'), preemptionPolicy: 'Never' },
  ];
}

function priority(name: string, value: number, description: string): Manifest {
  return { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description };
}

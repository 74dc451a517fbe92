/**
 * Mistakes that real projects made, retold in our words: a policy as it was written, what must be said about it, and the
 * policy as it should have been. Sources are the issues in which they were found.
 */
export interface Mistake {
  readonly source: string;
  readonly rule: string;
  readonly path: string | undefined;
  /** A part of the fix. */
  readonly fix: string;
  readonly policy: string;
  readonly repaired: string;
}

/** A shop in a namespace "shop": web on 8080 behind a Service on 80, a webhook on 9443 behind 443, an agent on the host network; DNS on 1053. */
export const shop = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web, pod-template-hash: abc}}
    spec:
      containers: [{name: web, ports: [{name: http, containerPort: 8080}], readinessProbe: {httpGet: {port: http}}}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: hook, namespace: shop}
spec:
  template:
    metadata: {labels: {app: hook}}
    spec:
      serviceAccountName: hook
      containers: [{name: hook, ports: [{containerPort: 9443}]}]
---
apiVersion: v1
kind: Service
metadata: {name: hook, namespace: shop}
spec: {selector: {app: hook}, ports: [{port: 443, targetPort: 9443}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: hook}
webhooks: [{name: hook.shop.example, clientConfig: {service: {namespace: shop, name: hook}}}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: shop}
spec:
  template:
    metadata: {labels: {app: agent}}
    spec: {hostNetwork: true, containers: [{name: agent, ports: [{containerPort: 9100}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: coredns, namespace: kube-system}
spec:
  template:
    metadata: {labels: {k8s-app: kube-dns}}
    spec: {containers: [{name: coredns, ports: [{containerPort: 1053, protocol: UDP}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: scraper, namespace: watch}
spec:
  template:
    metadata: {labels: {app: scraper}}
    spec: {containers: [{name: scraper}]}
`;

const cnp = (spec: string, name = 'policy'): string => `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: ${name}, namespace: shop}\nspec:\n${spec.replace(/^/gm, '  ')}\n`;
const ccnp = (spec: string): string => `apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: policy}\nspec:\n${spec.replace(/^/gm, '  ')}\n`;
const knp = (spec: string, name = 'policy'): string => `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}, namespace: shop}\nspec:\n${spec.replace(/^/gm, '  ')}\n`;

const fromScraper = (port: string): string => `endpointSelector: {matchLabels: {app: web}}\ningress: [{fromEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: watch, app: scraper}}], toPorts: [{ports: [{port: "${port}", protocol: TCP}]}]}]`;
const dnsRule = (more = ''): string => `{toEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: kube-system, k8s-app: kube-dns}}], toPorts: [{ports: [{port: "1053", protocol: ANY}]${more}}]}`;
const egressOfWeb = (...rules: string[]): string => `endpointSelector: {matchLabels: {app: web}}\negress: [${rules.join(', ')}]`;
const hookFrom = (entities: string): string => `endpointSelector: {matchLabels: {app: hook}}\ningress: [{fromEntities: ${entities}, toPorts: [{ports: [{port: "9443", protocol: TCP}]}]}]`;

export const mistakes: readonly Mistake[] = [
  {
    source: 'rwlove/home-ops#11516, kubescape/node-agent#943: the port of the Service',
    rule: 'service-port', path: 'spec.ingress[0].toPorts', fix: 'write 8080 instead of 80',
    policy: cnp(fromScraper('80')), repaired: cnp(fromScraper('8080')),
  },
  {
    source: 'the same in a NetworkPolicy',
    rule: 'service-port', path: 'spec.ingress[0].toPorts', fix: 'write 8080 instead of 80',
    policy: knp('podSelector: {matchLabels: {app: web}}\ningress: [{from: [{podSelector: {matchLabels: {app: hook}}}], ports: [{port: 80}]}]'),
    repaired: knp('podSelector: {matchLabels: {app: web}}\ningress: [{from: [{podSelector: {matchLabels: {app: hook}}}], ports: [{port: 8080}]}]'),
  },
  {
    source: 'cert-manager#5787: the API server on the port of default/kubernetes',
    rule: 'service-port', path: 'spec.egress[0].toPorts', fix: 'write 6443 instead of 443',
    policy: cnp('endpointSelector: {matchLabels: {app: hook}}\negress: [{toEntities: [kube-apiserver], toPorts: [{ports: [{port: "443", protocol: TCP}]}]}]'),
    repaired: cnp('endpointSelector: {matchLabels: {app: hook}}\negress: [{toEntities: [kube-apiserver], toPorts: [{ports: [{port: "6443", protocol: TCP}]}]}]'),
  },
  {
    source: "kube-prometheus' policy for node-exporter, gardener#7772: a policy for pods on the host network",
    rule: 'host-network', path: 'spec.ingress[0]', fix: 'nodeSelector',
    policy: knp('podSelector: {matchLabels: {app: agent}}\ningress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 9100}]}]'),
    repaired: ccnp('nodeSelector: {}\nenableDefaultDeny: {ingress: false}\ningress: [{fromEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: shop, app: web}}], toPorts: [{ports: [{port: "9100", protocol: TCP}]}]}]'),
  },
  {
    source: 'prometheus-operator#228, cilium#10405: a peer on the host network selected by labels',
    rule: 'host-network', path: 'spec.egress[0]', fix: 'entities host and remote-node',
    policy: cnp(egressOfWeb('{toEndpoints: [{matchLabels: {app: agent}}]}', dnsRule())),
    repaired: cnp(egressOfWeb('{toEntities: [host, remote-node]}', dnsRule())),
  },
  {
    source: 'Aviator-Coding/home-ops#1429, cilium#24415: a label that Cilium filters',
    rule: 'filtered-label', path: 'spec.ingress[0]', fix: 'another label',
    policy: cnp('endpointSelector: {matchLabels: {pod-template-hash: abc}}\ningress: [{fromEntities: [cluster]}]'),
    repaired: cnp('endpointSelector: {matchLabels: {app: web}}\ningress: [{fromEntities: [cluster]}]'),
  },
  {
    source: "cilium#30149: the namespace's label among those of pods",
    rule: 'namespace-label', path: 'spec.ingress[0]', fix: 'k8s:io.kubernetes.pod.namespace',
    policy: cnp('endpointSelector: {matchLabels: {app: web}}\ningress: [{fromEndpoints: [{matchLabels: {kubernetes.io/metadata.name: watch}}]}]'),
    repaired: cnp('endpointSelector: {matchLabels: {app: web}}\ningress: [{fromEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: watch}}]}]'),
  },
  {
    source: 'cilium#18865: a peer in another namespace, without its name',
    rule: 'dead-selector', path: 'spec.ingress[0]', fix: 'correct the labels',
    policy: cnp('endpointSelector: {matchLabels: {app: web}}\ningress: [{fromEndpoints: [{matchLabels: {app: scraper}}]}]'),
    repaired: cnp('endpointSelector: {matchLabels: {app: web}}\ningress: [{fromEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: watch, app: scraper}}]}]'),
  },
  {
    source: 'a typing error in an entity',
    rule: 'unknown-entity', path: 'spec.ingress[0].fromEntities[1]', fix: 'write remote-node',
    policy: cnp(hookFrom('[kube-apiserver, remote-nodes]')), repaired: cnp(hookFrom('[kube-apiserver, remote-node]')),
  },
  {
    source: 'no way to the resolver',
    rule: 'no-dns', path: '', fix: 'target port',
    policy: cnp(egressOfWeb('{toCIDR: [198.51.100.0/24]}')), repaired: cnp(egressOfWeb('{toCIDR: [198.51.100.0/24]}', dnsRule())),
  },
  {
    source: 'the resolver on the port of its Service, while CoreDNS listens on 1053',
    rule: 'no-dns', path: '', fix: '1053',
    policy: cnp(egressOfWeb('{toCIDR: [198.51.100.0/24]}', dnsRule().replace('1053', '5353'))), repaired: cnp(egressOfWeb('{toCIDR: [198.51.100.0/24]}', dnsRule())),
  },
  {
    source: 'cilium#28427, #44714: rules by name, and DNS that does not pass the proxy',
    rule: 'names-without-proxy', path: 'spec.egress[0].toFQDNs', fix: 'rules: {dns: [{matchPattern: "*"}]}',
    policy: cnp(egressOfWeb('{toFQDNs: [{matchName: example.org}]}', dnsRule())),
    repaired: cnp(egressOfWeb('{toFQDNs: [{matchName: example.org}]}', dnsRule(', rules: {dns: [{matchPattern: "*"}]}'))),
  },
  {
    source: 'cilium#14724, #37298: the API server by its address',
    rule: 'cidr-on-cluster', path: 'spec.egress[0]', fix: 'kube-apiserver',
    policy: cnp('endpointSelector: {matchLabels: {app: hook}}\negress: [{toCIDR: [192.0.2.10/32]}]'),
    repaired: cnp('endpointSelector: {matchLabels: {app: hook}}\negress: [{toEntities: [kube-apiserver]}]'),
  },
  {
    source: 'a pod with an account of its own, and no way to the API server',
    rule: 'api-server-closed', path: '', fix: 'toEntities: [kube-apiserver]',
    policy: cnp('endpointSelector: {matchLabels: {app: hook}}\negress: [{}]'),
    repaired: cnp('endpointSelector: {matchLabels: {app: hook}}\negress: [{toEntities: [kube-apiserver], toPorts: [{ports: [{port: "6443", protocol: TCP}]}]}]'),
  },
  {
    source: "cilium#12199: a cluster-wide policy for everybody, Cilium's health endpoints too",
    rule: 'health-endpoints-caught', path: 'spec.ingress[0]', fix: 'Exists',
    policy: ccnp('endpointSelector: {}\ningress: [{fromEndpoints: [{}]}, {fromEntities: [kube-apiserver]}]'),
    repaired: ccnp('endpointSelector: {}\ningress: [{fromEndpoints: [{}]}, {fromEntities: [kube-apiserver, remote-node, health]}]'),
  },
  {
    source: 'devantler-tech/platform#3407: a deny rule for the metadata address closed everything else',
    rule: 'deny-turns-default-deny-on', path: 'spec.egressDeny[0]', fix: 'enableDefaultDeny: {egress: false}',
    policy: ccnp('endpointSelector: {matchExpressions: [{key: k8s:io.kubernetes.pod.namespace, operator: Exists}]}\negressDeny: [{toCIDR: [169.254.169.254/32]}]'),
    repaired: ccnp('endpointSelector: {matchExpressions: [{key: k8s:io.kubernetes.pod.namespace, operator: Exists}]}\nenableDefaultDeny: {egress: false}\negressDeny: [{toCIDR: [169.254.169.254/32]}]'),
  },
  {
    source: "Cilium's idiom for deny in a NetworkPolicy, where it allows everything",
    rule: 'empty-rule', path: 'spec.ingress[0]', fix: 'policyTypes',
    policy: knp('podSelector: {matchLabels: {app: web}}\npolicyTypes: [Ingress]\ningress: [{}]', 'default-deny'), repaired: knp('podSelector: {matchLabels: {app: web}}\npolicyTypes: [Ingress]', 'default-deny'),
  },
  {
    source: "UKGovernmentBEIS/inspect_k8s_sandbox#228: Kubernetes' idiom for allow in a CiliumNetworkPolicy, where it denies everything",
    rule: 'empty-rule', path: 'spec.ingress[0]', fix: 'fromEntities: [all]',
    policy: cnp('endpointSelector: {matchLabels: {app: web}}\ningress: [{}]', 'allow-all'), repaired: cnp('endpointSelector: {matchLabels: {app: web}}\ningress: [{fromEntities: [all]}]', 'allow-all'),
  },
  {
    source: 'devantler-tech/platform#3501, cilium#35558: a default deny of empty lists, refused for about 101 days',
    rule: 'policy-refused', path: 'spec', fix: 'correct it',
    policy: cnp('endpointSelector: {}\nenableDefaultDeny: {ingress: true}\ningress: []'), repaired: cnp('endpointSelector: {}\ningress: [{fromEntities: [kube-apiserver, remote-node]}]'),
  },
  {
    source: 'an empty list beside rules, read as "deny"',
    rule: 'empty-list', path: 'spec.egress', fix: 'egress: [{}]',
    policy: cnp('endpointSelector: {matchLabels: {app: web}}\ningress: [{fromEntities: [cluster]}]\negress: []'), repaired: cnp('endpointSelector: {matchLabels: {app: web}}\ningress: [{fromEntities: [cluster]}]\negress: [{}]'),
  },
  {
    source: 'cilium#29608: an empty list of peers',
    rule: 'empty-peers', path: 'spec.ingress[0].fromEndpoints', fix: 'name the peers',
    policy: cnp('endpointSelector: {matchLabels: {app: web}}\ningress: [{fromEndpoints: [], toPorts: [{ports: [{port: "8080", protocol: TCP}]}]}]'),
    repaired: cnp('endpointSelector: {matchLabels: {app: web}}\ningress: [{fromEndpoints: [{}], toPorts: [{ports: [{port: "8080", protocol: TCP}]}]}]'),
  },
  {
    source: 'cilium#31711: a webhook without remote-node',
    rule: 'webhook-closed', path: 'webhooks[0].clientConfig.service', fix: 'fromEntities: [kube-apiserver, remote-node]',
    policy: cnp(hookFrom('[kube-apiserver]')), repaired: cnp(hookFrom('[kube-apiserver, remote-node]')),
  },
  {
    source: 'cilium#32213 and its like: what a newer Cilium reads otherwise',
    rule: 'version-dependent', path: 'spec.egress[0].toFQDNs', fix: '*.*.x',
    policy: cnp(egressOfWeb('{toFQDNs: [{matchPattern: "**.example.org"}]}', dnsRule(', rules: {dns: [{matchPattern: "*"}]}'))),
    repaired: cnp(egressOfWeb('{toFQDNs: [{matchPattern: "*.example.org"}]}', dnsRule(', rules: {dns: [{matchPattern: "*"}]}'))),
  },
];

/** Whether a management cluster can carry ours: versions, kinds and their contracts, feature gates, webhooks that answer, rights. Reads only, but for reviews of access. */
import type { Finding } from '../../policies/findings/finding.ts';
import { extensionConfigName, operatorName, systemNamespace, topologyExtensionName } from '../api/names.ts';
import { type Condition, isKubeError, type KubeClient, type KubeObject, type Resource, resources } from '../kube/index.ts';
import { type Deployment, finding, named } from './management-finding.ts';
import { managers } from './managers.ts';

type Check = (client: KubeClient, signal: AbortSignal) => Promise<Finding[]>;

/** All findings at once. @throws KubeError where the API server does not answer or refuses the reads themselves */
export async function managementPreflight(client: KubeClient, signal: AbortSignal): Promise<Finding[]> {
  const checks: readonly Check[] = [kubernetes, kinds, managers, published, workloads, webhooks, rights];
  return (await Promise.all(checks.map((check) => check(client, signal)))).flat();
}

/** https://cluster-api.sigs.k8s.io/reference/versions: 1.14 manages from 1.33 to 1.36. */
const tested = { oldest: 33, newest: 36 } as const;

async function kubernetes(client: KubeClient, signal: AbortSignal): Promise<Finding[]> {
  const { body } = await client.request({ method: 'GET', path: '/version', signal });
  const { gitVersion = '', minor = '' } = JSON.parse(body.toString()) as { gitVersion?: string; minor?: string };
  const number = Number.parseInt(minor, 10);
  if (number >= tested.oldest && number <= tested.newest) return [];
  const isOld = number < tested.oldest;
  return [finding('management/kubernetes', { apiVersion: 'v1', kind: 'APIServer', name: 'management cluster' }, {
    severity: isOld ? 'error' : 'warning', message: `Kubernetes is ${gitVersion}; Cluster API 1.14 is tested as manager on 1.${tested.oldest} to 1.${tested.newest}`, fix: isOld ? 'upgrade the management cluster' : 'see whether a newer Keelson brings a newer Cluster API',
  })];
}

/** Kind → the contract labels that its CRD needs; none for those that Cluster API does not look up by them. */
const needed: readonly { readonly resource: Resource; readonly contracts: readonly string[]; readonly from: string }[] = [
  { resource: resources.clusters, contracts: [], from: 'the chart cluster-api' },
  { resource: resources.clusterClasses, contracts: [], from: 'the chart cluster-api' },
  { resource: resources.machines, contracts: [], from: 'the chart cluster-api' },
  { resource: resources.machineDeployments, contracts: [], from: 'the chart cluster-api' },
  { resource: resources.extensionConfigs, contracts: [], from: 'the chart cluster-api' },
  { resource: resources.kubeadmControlPlanes, contracts: ['v1beta2'], from: 'the kubeadm control plane provider (chart cluster-api)' },
  { resource: resources.kubeadmConfigTemplates, contracts: ['v1beta2'], from: 'the kubeadm bootstrap provider (chart cluster-api)' },
  { resource: resources.openStackClusters, contracts: ['v1beta1'], from: 'CAPO (chart cluster-api)' },
  { resource: resources.openStackMachines, contracts: ['v1beta1'], from: 'CAPO (chart cluster-api)' },
  { resource: resources.openStackServers, contracts: [], from: 'CAPO (chart cluster-api)' },
  { resource: resources.apps, contracts: [], from: 'the chart keelson' },
];

interface Definition extends KubeObject {
  readonly spec?: { readonly versions?: readonly { readonly name: string; readonly served: boolean }[] };
}

async function kinds(client: KubeClient, signal: AbortSignal): Promise<Finding[]> {
  const found = await Promise.all(needed.map(async (need) => ({ need, definition: await client.get<Definition>(resources.customResourceDefinitions, { name: `${need.resource.plural}.${need.resource.group}` }, { signal }) })));
  return found.flatMap(({ need: { resource, contracts, from }, definition }) => {
    const object = named(resources.customResourceDefinitions, `${resource.plural}.${resource.group}`);
    if (!definition) return [finding('management/kind', object, { message: `the kind ${resource.kind} is not there`, fix: `install ${from}` })];
    const served = (definition.spec?.versions ?? []).filter((version) => version.served).map(({ name }) => name);
    const isServed = served.includes(resource.version);
    // Released manifests have the labels; CRDs taken from a module's source have not.
    const missing = contracts.filter((contract) => definition.metadata.labels?.[`cluster.x-k8s.io/${contract}`] === undefined);
    return [
      ...(isServed ? [] : [finding('management/kind', object, { path: 'spec.versions', message: `${resource.kind} is served as ${served.join(', ') || 'nothing'}, not as ${resource.version}`, fix: `install the pinned version of ${from}` })]),
      ...missing.map((contract) => finding('management/contract', object, { path: 'metadata.labels', message: `lacks the label cluster.x-k8s.io/${contract}; Cluster API finds no version of ${resource.kind} without it`, fix: `install ${from} from its release manifests` })),
    ];
  });
}

async function published(client: KubeClient, signal: AbortSignal): Promise<Finding[]> {
  const [classes, extension] = await Promise.all([
    orNothing(() => client.list<KubeObject & { status?: { conditions?: Condition[] } }>(resources.clusterClasses, { namespace: systemNamespace, signal })),
    orNothing(() => client.get<KubeObject & { status?: { conditions?: Condition[] } }>(resources.extensionConfigs, { name: extensionConfigName }, { signal })),
  ]);
  const notTrue = (object: KubeObject & { status?: { conditions?: Condition[] } }, resource: Resource, type: string, fix: string): Finding[] => {
    const condition = object.status?.conditions?.find((one) => one.type === type);
    return condition?.status === 'True' ? [] : [finding('management/class', named(resource, object.metadata.name, object.metadata.namespace), { path: `status.conditions[${type}]`, message: condition?.message || `${type} is not True`, fix })];
  };
  return [
    ...(classes === undefined || classes.items.length > 0 ? [] : [finding('management/class', named(resources.clusterClasses, 'openstack-v1', systemNamespace), { message: 'no ClusterClass is published', fix: `see the log of ${operatorName}` })]),
    ...(classes?.items ?? []).flatMap((one) => notTrue(one, resources.clusterClasses, 'VariablesReady', 'see the log of the topology extension')),
    ...(extension ? notTrue(extension, resources.extensionConfigs, 'Discovered', `see whether ${topologyExtensionName} runs and its certificate is valid`) : []),
  ];
}

async function workloads(client: KubeClient, signal: AbortSignal): Promise<Finding[]> {
  const found = await Promise.all([operatorName, topologyExtensionName].map(async (name) => ({ name, deployment: await client.get<Deployment>(resources.deployments, { namespace: systemNamespace, name }, { signal }) })));
  return found.flatMap(({ name, deployment }) => {
    const object = named(resources.deployments, name, systemNamespace);
    if (!deployment) return [finding('management/workload', object, { message: 'is not there', fix: 'install the chart keelson' })];
    const ready = deployment.status?.readyReplicas ?? 0;
    if (ready === 0) return [finding('management/workload', object, { message: 'has no ready pod', fix: 'see its pods and events' })];
    return (deployment.spec?.replicas ?? 1) > 1 ? [] : [finding('management/workload', object, { severity: 'warning', path: 'spec.replicas', message: 'has one replica: while it restarts, no cluster is made, changed or deleted', fix: 'set two in the values of the chart' })];
  });
}

interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly { readonly name: string; readonly failurePolicy?: string; readonly clientConfig?: { readonly caBundle?: string; readonly service?: { readonly namespace: string; readonly name: string } } }[];
}
interface EndpointSlice extends KubeObject {
  readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[];
}

async function webhooks(client: KubeClient, signal: AbortSignal): Promise<Finding[]> {
  const lists = await Promise.all([resources.mutatingWebhookConfigurations, resources.validatingWebhookConfigurations].map(async (resource) => ({ resource, items: (await client.list<WebhookConfiguration>(resource, { signal })).items })));
  const slices = (await client.list<EndpointSlice>(resources.endpointSlices, { signal })).items;
  const isServed = ({ namespace, name }: { namespace: string; name: string }): boolean =>
    slices.some(({ metadata, endpoints = [] }) => metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name && endpoints.some(({ conditions }) => conditions?.ready !== false));
  return lists.flatMap(({ resource, items }) => items.filter(isOfClusterApi).flatMap((configuration) => (configuration.webhooks ?? []).flatMap(({ name, clientConfig, failurePolicy }) => {
    const severity = failurePolicy === 'Ignore' ? 'warning' : 'error';
    const say = (message: string, fix: string): Finding => finding('management/webhook', named(resource, configuration.metadata.name), { path: `webhooks[${name}]`, severity, message, fix });
    return [
      ...(clientConfig?.service && !clientConfig.caBundle ? [say('has no CA: the API server will not call it', `see the log of ${operatorName}, which writes it, or of cert-manager`)] : []),
      ...(clientConfig?.service && !isServed(clientConfig.service) ? [say(`no pod stands behind Service ${clientConfig.service.namespace}/${clientConfig.service.name}: what it judges is refused`, 'see the pods of its provider')] : []),
    ];
  })));
}

const isOfClusterApi = ({ metadata }: KubeObject): boolean => metadata.labels?.['cluster.x-k8s.io/provider'] !== undefined;

/** The rights of charts/keelson, as far as a missing one stops a controller. */
const operatorRights: readonly { readonly resource: Resource; readonly verbs: readonly string[]; readonly subresource?: string }[] = [
  { resource: resources.clusters, verbs: ['get', 'list', 'watch', 'patch'] }, { resource: resources.clusters, subresource: 'status', verbs: ['patch'] },
  { resource: resources.machines, verbs: ['list'] }, { resource: resources.machineDeployments, verbs: ['list'] }, { resource: resources.kubeadmControlPlanes, verbs: ['get'] },
  { resource: resources.openStackClusters, verbs: ['list', 'watch', 'patch'] }, { resource: resources.secrets, verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { resource: resources.apps, verbs: ['list', 'watch', 'create', 'patch', 'delete'] }, { resource: resources.extensionConfigs, verbs: ['create', 'patch'] },
];

/** Asked of the API server, as SubjectAccessReview for the operator's service account; whoever asks needs the right to create those. */
async function rights(client: KubeClient, signal: AbortSignal): Promise<Finding[]> {
  const asked = operatorRights.flatMap(({ resource, verbs, subresource }) => verbs.map((verb) => ({ resource, verb, subresource })));
  const user = `system:serviceaccount:${systemNamespace}:${operatorName}`;
  const answers = await Promise.all(asked.map(async ({ resource, verb, subresource }) => {
    const attributes = { group: resource.group, resource: resource.plural, verb, ...(subresource === undefined ? {} : { subresource }) };
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${systemNamespace}`, 'system:authenticated'];
    const review = await client.create<KubeObject>(accessReviews, { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: { name: '' }, spec: { user, groups, resourceAttributes: attributes } }, { signal });
    return { what: `${verb} ${resource.plural}${subresource === undefined ? '' : `/${subresource}`}${resource.group && `.${resource.group}`}`, isAllowed: (review['status'] as { allowed?: boolean } | undefined)?.allowed === true };
  }));
  const refused = answers.filter(({ isAllowed }) => !isAllowed).map(({ what }) => what);
  return refused.length === 0 ? [] : [finding('management/right', named(resources.serviceAccounts, operatorName, systemNamespace), { message: `may not ${refused.join(', ')}`, fix: 'install the roles of the chart keelson as they are' })];
}

const accessReviews: Resource = { group: 'authorization.k8s.io', version: 'v1', plural: 'subjectaccessreviews', kind: 'SubjectAccessReview', namespaced: false };

/** A kind that is not served is a finding of `kinds`. */
async function orNothing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isKubeError(error, 'KUBE_NOT_FOUND')) return undefined;
    throw error;
  }
}

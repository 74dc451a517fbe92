/** Steps by which somebody becomes another or gets a role. Each says what RBAC has to give for it, and what would be written. */
import type { BindingItem } from '../../../../../policies/tenancy/lint/rbac-objects.ts';
import { type Identity, identityOf } from '../../../../../policies/tenancy/rights/evaluate.ts';
import type { ResourceRequest } from '../../../../../policies/tenancy/rights/rule.ts';
import type { World } from './world.ts';

export interface Write {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
}

export type Outcome =
  | { readonly kind: 'become'; readonly identity: Identity }
  | { readonly kind: 'gain'; readonly binding: BindingItem }
  | { readonly kind: 'goal'; readonly what: string };

export interface Step {
  readonly what: string;
  /** All of them. */
  readonly needs: readonly ResourceRequest[];
  /** What the API server has to take besides; sent as a dry run. */
  readonly writes?: Write;
  readonly leads: Outcome;
}

const rbacGroup = 'rbac.authorization.k8s.io';
const rbacPath = `/apis/${rbacGroup}/v1`;
const account = (namespace: string, name: string): Identity => identityOf(`system:serviceaccount:${namespace}:${name}`);

/** @param self who would be bound */
export function stepsIn(world: World, self: Identity): Step[] {
  return [...world.terrain.namespaces.flatMap((namespace) => [...tokens(world, namespace), ...boundNames(world, namespace), ...workloads(world, namespace), ...insidePods(world, namespace), ...bindings(world, namespace, self), ...roles(world, namespace, self)]), ...identities(world), ...clusterRoles(world, self), ...certificates()];
}

function tokens({ accounts }: World, namespace: string): Step[] {
  return accounts.filter((one) => one.namespace === namespace).flatMap(({ name }): Step[] => [
    { what: `token of ${namespace}/${name}`, needs: [{ verb: 'create', apiGroup: '', resource: 'serviceaccounts', subresource: 'token', namespace, name }], leads: { kind: 'become', identity: account(namespace, name) } },
    {
      what: `token Secret of ${namespace}/${name}`, needs: [{ verb: 'create', apiGroup: '', resource: 'secrets', namespace }, { verb: 'get', apiGroup: '', resource: 'secrets', namespace, name: 'chain-step' }],
      writes: { method: 'POST', path: `/api/v1/namespaces/${namespace}/secrets`, body: { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/service-account-token', metadata: { name: 'chain-step', annotations: { 'kubernetes.io/service-account.name': name } } } },
      leads: { kind: 'become', identity: account(namespace, name) },
    },
    { what: `impersonates ${namespace}/${name}`, needs: [{ verb: 'impersonate', apiGroup: '', resource: 'serviceaccounts', namespace, name }], leads: { kind: 'become', identity: account(namespace, name) } },
  ]);
}

/** A binding may name an account that is not there yet: whoever makes it has what it is bound to. */
function boundNames({ accounts, rbac }: World, namespace: string): Step[] {
  const bound = rbac.bindings.flatMap(({ ref, subjects }) => subjects.filter((one) => one.kind === 'ServiceAccount' && (one.namespace ?? ref.namespace) === namespace).map(({ name }) => name));
  return [...new Set(bound)].filter((name) => !accounts.some((one) => one.namespace === namespace && one.name === name)).map((name) => ({
    what: `ServiceAccount ${namespace}/${name}, which is bound already`, needs: [{ verb: 'create', apiGroup: '', resource: 'serviceaccounts', namespace }],
    writes: { method: 'POST', path: `/api/v1/namespaces/${namespace}/serviceaccounts`, body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } } }, leads: { kind: 'become', identity: account(namespace, name) },
  }));
}

const restricted = { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' }, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const pod = (serviceAccountName: string): object => ({ serviceAccountName, restartPolicy: 'Never', containers: [{ name: 'c', image: 'x', securityContext: restricted, resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { memory: '1Mi' } } }] });
const labels = { app: 'step' };
const template = (name: string): object => ({ metadata: { labels }, spec: pod(name) });
/** A pod of the service account, by the kind that makes it. */
const workloadKinds: readonly { readonly apiGroup: string; readonly version: string; readonly kind: string; readonly plural: string; spec(name: string): object }[] = [
  { apiGroup: '', version: 'v1', kind: 'Pod', plural: 'pods', spec: pod },
  { apiGroup: '', version: 'v1', kind: 'ReplicationController', plural: 'replicationcontrollers', spec: (name) => ({ selector: labels, template: template(name) }) },
  ...['Deployment', 'ReplicaSet', 'DaemonSet'].map((kind) => ({ apiGroup: 'apps', version: 'v1', kind, plural: `${kind.toLowerCase()}s`, spec: (name: string) => ({ selector: { matchLabels: labels }, template: template(name) }) })),
  { apiGroup: 'apps', version: 'v1', kind: 'StatefulSet', plural: 'statefulsets', spec: (name) => ({ serviceName: 's', selector: { matchLabels: labels }, template: template(name) }) },
  { apiGroup: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', spec: (name) => ({ template: { spec: pod(name) } }) },
  { apiGroup: 'batch', version: 'v1', kind: 'CronJob', plural: 'cronjobs', spec: (name) => ({ schedule: '0 0 * * *', jobTemplate: { spec: { template: { spec: pod(name) } } } }) },
];

/** A pod has the token of its service account, and mounts any Secret of its namespace. */
function workloads({ accounts, terrain }: World, namespace: string): Step[] {
  return workloadKinds.flatMap(({ apiGroup, version, kind, plural, spec }) => {
    const needs = [{ verb: 'create', apiGroup, resource: plural, namespace }];
    const writes = (name: string): Write => ({ method: 'POST', path: `${apiGroup ? `/apis/${apiGroup}` : '/api'}/${version}/namespaces/${namespace}/${plural}`, body: { apiVersion: apiGroup ? `${apiGroup}/${version}` : version, kind, metadata: { name: 'chain-step' }, spec: spec(name) } });
    return [
      ...(terrain.pods.includes(namespace) ? [] : [{ what: `${kind} that mounts Secrets of ${namespace}`, needs, writes: writes('default'), leads: { kind: 'goal', what: `reads Secrets of ${namespace}` } } as const]),
      ...accounts.filter((one) => one.namespace === namespace).map(({ name }) => ({ what: `${kind} as ${namespace}/${name}`, needs, writes: writes(name), leads: { kind: 'become', identity: account(namespace, name) } }) as const),
    ];
  });
}

function insidePods({ accounts }: World, namespace: string): Step[] {
  const into = [['create', 'exec'], ['get', 'exec'], ['create', 'attach'], ['get', 'attach'], ['create', 'portforward'], ['update', 'ephemeralcontainers'], ['patch', 'ephemeralcontainers'], ['create', 'proxy']] as const;
  return accounts.filter((one) => one.namespace === namespace).flatMap(({ name }) => into.map(([verb, subresource]): Step => ({
    what: `pods/${subresource} beside ${namespace}/${name}`, needs: [{ verb, apiGroup: '', resource: 'pods', subresource, namespace }], leads: { kind: 'become', identity: account(namespace, name) },
  })));
}

/** Every role there is, bound to oneself. The API server compares it with what the writer has. */
function bindings({ rbac }: World, namespace: string, self: Identity): Step[] {
  const subject = { kind: 'User', name: self.user };
  const usable = rbac.roles.filter(({ ref }) => ref.kind === 'ClusterRole' || ref.namespace === namespace);
  const fresh = usable.map(({ ref }): Step => {
    const body = { apiVersion: `${rbacGroup}/v1`, kind: 'RoleBinding', metadata: { name: 'chain-step', namespace }, roleRef: { apiGroup: rbacGroup, kind: ref.kind, name: ref.name }, subjects: [{ ...subject, apiGroup: rbacGroup }] };
    return {
      what: `binding of ${ref.kind} ${ref.name} in ${namespace}`, needs: [{ verb: 'create', apiGroup: rbacGroup, resource: 'rolebindings', namespace }], writes: { method: 'POST', path: `${rbacPath}/namespaces/${namespace}/rolebindings`, body },
      leads: { kind: 'gain', binding: { ref: { apiVersion: rbacGroup, kind: 'RoleBinding', name: 'chain-step', namespace }, roleRef: { kind: ref.kind, name: ref.name }, subjects: [subject] } },
    };
  });
  const widened = rbac.bindings.filter(({ ref }) => ref.namespace === namespace).map((old): Step => ({
    what: `oneself in binding ${namespace}/${old.ref.name}`, needs: [{ verb: 'patch', apiGroup: rbacGroup, resource: 'rolebindings', namespace, name: old.ref.name }],
    writes: { method: 'PATCH', path: `${rbacPath}/namespaces/${namespace}/rolebindings/${encodeURIComponent(old.ref.name)}`, body: { subjects: [{ ...subject, apiGroup: rbacGroup }] } },
    leads: { kind: 'gain', binding: { ...old, subjects: [subject] } },
  }));
  return [...fresh, ...widened];
}

/** A role with what nobody may have. It still has to be bound; whoever may write it may as well bind it. */
function roles({ terrain: { goals } }: World, namespace: string, self: Identity): Step[] {
  return goals.filter(({ request }) => request.namespace === namespace).map(({ what, request }): Step => ({
    what: `Role with ${request.verb} ${request.resource} in ${namespace}`, needs: [{ verb: 'create', apiGroup: rbacGroup, resource: 'roles', namespace }, { verb: 'create', apiGroup: rbacGroup, resource: 'rolebindings', namespace }],
    writes: { method: 'POST', path: `${rbacPath}/namespaces/${namespace}/roles`, body: { apiVersion: `${rbacGroup}/v1`, kind: 'Role', metadata: { name: 'chain-step', namespace }, rules: [ruleOf(request)] } }, leads: { kind: 'goal', what: `${what} as ${self.user}` },
  }));
}

const ruleOf = ({ verb, apiGroup, resource, subresource, name }: ResourceRequest): object => ({ apiGroups: [apiGroup], resources: [subresource ? `${resource}/${subresource}` : resource], verbs: [verb], ...(name === undefined ? {} : { resourceNames: [name] }) });

/** Roles of organizations grow by a label (aggregation). */
function clusterRoles({ terrain: { aggregationLabel } }: World, self: Identity): Step[] {
  return ['create', 'patch'].map((verb) => ({
    what: `${verb}s a ClusterRole that joins a role of organizations`, needs: [{ verb, apiGroup: rbacGroup, resource: 'clusterroles' }],
    ...(verb === 'create' ? { writes: { method: 'POST' as const, path: `${rbacPath}/clusterroles`, body: { apiVersion: `${rbacGroup}/v1`, kind: 'ClusterRole', metadata: { name: 'chain-step', labels: { [aggregationLabel]: 'true' } }, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] } } } : {}),
    leads: { kind: 'goal', what: `grows its role as ${self.user}` },
  }));
}

function identities({ rbac }: World): Step[] {
  const subjects = new Map(rbac.bindings.flatMap(({ subjects: all }) => all).filter(({ kind }) => kind !== 'ServiceAccount').map((one) => [`${one.kind} ${one.name}`, one]));
  return [...subjects.values(), { kind: 'Group', name: 'system:masters' }].map(({ kind, name }): Step => ({
    what: `impersonates ${kind} ${name}`, needs: [{ verb: 'impersonate', apiGroup: '', resource: 'users', name: kind === 'User' ? name : 'anybody' }, ...(kind === 'Group' ? [{ verb: 'impersonate', apiGroup: '', resource: 'groups', name }] : [])],
    leads: { kind: 'become', identity: kind === 'User' ? identityOf(name) : identityOf('anybody', [name]) },
  }));
}

function certificates(): Step[] {
  const group = 'certificates.k8s.io';
  return ['update', 'patch'].map((verb): Step => ({
    what: 'a certificate for system:masters by way of the signer for kubelets or of its own', leads: { kind: 'become', identity: identityOf('anybody', ['system:masters']) },
    needs: [{ verb: 'create', apiGroup: group, resource: 'certificatesigningrequests' }, { verb, apiGroup: group, resource: 'certificatesigningrequests', subresource: 'approval' }, { verb: 'approve', apiGroup: group, resource: 'signers', name: 'kubernetes.io/kube-apiserver-client' }],
  }));
}

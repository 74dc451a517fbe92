import { describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { arithmeticRules, lintArithmetic, type ArithmeticOptions } from '../../../policies/tenancy/lint/arithmetic.ts';
import { TenancyError } from '../../../policies/tenancy/errors.ts';

const lint = (yaml: string, options?: ArithmeticOptions) =>
  lintArithmetic(parseAllDocuments(yaml).map((document) => ({ object: document.toJS() as unknown })), options).map(({ rule, object, path, message }) => ({ rule, object: `${object.kind} ${object.name}`, path, message }));
const rulesOf = (yaml: string, options?: ArithmeticOptions): string[] => lint(yaml, options).map(({ rule }) => rule);

const meta = (name: string) => `metadata: { name: ${name}, namespace: team }`;
const pod = (resources: string) => `template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web, resources: ${resources} }] } }`;
const deployment = (spec: string, resources = '{ requests: { cpu: 500m, memory: 1Gi }, limits: { memory: 1Gi } }') => `apiVersion: apps/v1\nkind: Deployment\n${meta('web')}\nspec: { ${spec}, ${pod(resources)} }\n`;
const quota = (hard: string) => `---\napiVersion: v1\nkind: ResourceQuota\n${meta('q')}\nspec: { hard: ${hard} }\n`;
const limitRange = (limits: string) => `---\napiVersion: v1\nkind: LimitRange\n${meta('lr')}\nspec: { limits: [${limits}] }\n`;
const budget = (spec: string, name = 'b') => `---\napiVersion: policy/v1\nkind: PodDisruptionBudget\n${meta(name)}\nspec: { unhealthyPodEvictionPolicy: AlwaysAllow, selector: { matchLabels: { app: web } }, ${spec} }\n`;
const service = (spec: string) => `---\napiVersion: v1\nkind: Service\n${meta('s')}\nspec: { ${spec} }\n`;

describe('quota/exceeded', () => {
  test('four replicas and the one that an update adds do not fit two cores', () => {
    const [found] = lint(deployment('replicas: 4') + quota('{ requests.cpu: "2" }'));
    expect(found).toMatchObject({ rule: 'quota/exceeded', object: 'ResourceQuota q', path: 'spec.hard["requests.cpu"]' });
    expect(found!.message).toBe('2500m of requests.cpu are needed at most, 2 are allowed; the most is for Deployment web');
  });
  test('they fit two and a half', () => expect(rulesOf(deployment('replicas: 4') + quota('{ requests.cpu: 2500m }'))).toEqual([]));
  test('Recreate adds none', () => expect(rulesOf(deployment('replicas: 4, strategy: { type: Recreate }') + quota('{ requests.cpu: "2" }'))).toEqual([]));
  test('maxSurge counts as it is written, percentages rounded up', () => {
    expect(rulesOf(deployment('replicas: 5, strategy: { rollingUpdate: { maxSurge: 50% } }') + quota('{ pods: "7" }'))).toEqual(['quota/exceeded']);
    expect(rulesOf(deployment('replicas: 5, strategy: { rollingUpdate: { maxSurge: 50% } }') + quota('{ pods: "8" }'))).toEqual([]);
  });
  test('an autoscaler counts at its maximum', () => {
    const scaler = `---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n${meta('h')}\nspec: { maxReplicas: 9, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web } }\n`;
    expect(rulesOf(deployment('replicas: 2') + scaler + quota('{ pods: "11" }'))).toEqual(['quota/exceeded']);
    expect(rulesOf(deployment('replicas: 2') + scaler + quota('{ pods: "12" }'))).toEqual([]);
  });
  test('a DaemonSet counts per node', () => {
    const daemon = `apiVersion: apps/v1\nkind: DaemonSet\n${meta('d')}\nspec: { ${pod('{ requests: { cpu: 100m } }')} }\n`;
    expect(rulesOf(daemon + quota('{ requests.cpu: 500m }'), { nodes: 6 })).toEqual(['quota/exceeded']);
    expect(rulesOf(daemon + quota('{ requests.cpu: 500m }'), { nodes: 5 })).toEqual([]);
  });
  test('every port of a load balancer takes a node port', () => {
    expect(rulesOf(service('type: LoadBalancer, ports: [{ port: 80 }, { port: 443 }]') + quota('{ services.loadbalancers: 1, services.nodeports: 1 }'))).toEqual(['quota/exceeded']);
    expect(rulesOf(service('type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{ port: 80 }]') + quota('{ services.nodeports: 0 }'))).toEqual([]);
  });
  test('claims of a StatefulSet count per replica and storage class', () => {
    const set = `apiVersion: apps/v1\nkind: StatefulSet\n${meta('db')}\nspec: { replicas: 3, ${pod('{}')}, volumeClaimTemplates: [{ spec: { storageClassName: fast, resources: { requests: { storage: 10Gi } } } }] }\n`;
    expect(rulesOf(set + quota('{ requests.storage: 20Gi, fast.storageclass.storage.k8s.io/requests.storage: 29Gi, slow.storageclass.storage.k8s.io/requests.storage: 0, persistentvolumeclaims: 2 }'))).toEqual(['quota/exceeded', 'quota/exceeded', 'quota/exceeded']);
    expect(rulesOf(set + quota('{ requests.storage: 30Gi, persistentvolumeclaims: 3 }'))).toEqual([]);
  });
  test('another namespace is another sum', () => expect(rulesOf(deployment('replicas: 4') + quota('{ pods: "1" }').replace('namespace: team', 'namespace: other'))).toEqual([]));
});

describe('quota/needs-amount', () => {
  test('a container without a request where the quota counts them', () => {
    expect(lint(deployment('replicas: 1', '{}') + quota('{ requests.cpu: "9" }'))).toEqual([expect.objectContaining({ rule: 'quota/needs-amount', object: 'Deployment web', path: 'spec.template.spec.containers[0].resources.requests' })]);
  });
  test('the default of a LimitRange is enough, and so is a limit', () => {
    expect(rulesOf(deployment('replicas: 1', '{}') + quota('{ requests.cpu: "9" }') + limitRange('{ type: Container, defaultRequest: { cpu: 50m } }'))).toEqual([]);
    expect(rulesOf(deployment('replicas: 1', '{ limits: { cpu: "1" } }') + quota('{ requests.cpu: "9" }'))).toEqual([]);
  });
});

describe('limits', () => {
  test('a limit below the request', () => expect(rulesOf(deployment('replicas: 1', '{ requests: { memory: 2Gi }, limits: { memory: 1Gi } }'))).toEqual(['limits/below-request']));
  test('a default limit below the request', () => expect(rulesOf(deployment('replicas: 1', '{ requests: { memory: 2Gi } }') + limitRange('{ type: Container, default: { memory: 1Gi } }'))).toEqual(['limits/below-request']));
  test('outside the range, or without the limit that a maximum asks for', () => {
    expect(rulesOf(deployment('replicas: 1', '{ limits: { memory: 3Gi } }') + limitRange('{ type: Container, max: { memory: 2Gi } }'))).toEqual(['limits/outside-range']);
    expect(rulesOf(deployment('replicas: 1', '{}') + limitRange('{ type: Container, max: { memory: 2Gi } }'))).toEqual([]);
    expect(rulesOf(deployment('replicas: 1', '{}') + limitRange('{ type: Container, min: { memory: 2Gi } }'))).toEqual(['limits/outside-range']);
  });
  test('a LimitRange that contradicts itself', () => {
    expect(rulesOf(limitRange('{ type: Container, defaultRequest: { cpu: "2" }, default: { cpu: "1" } }'))).toEqual(['limits/range-contradiction']);
    expect(rulesOf(limitRange('{ type: Container, min: { cpu: 50m }, defaultRequest: { cpu: 100m }, default: { cpu: "1" }, max: { cpu: "1" } }'))).toEqual([]);
  });
});

describe('budgets', () => {
  test.each(['maxUnavailable: 0', 'maxUnavailable: 0%', 'minAvailable: 100%', 'minAvailable: 2', 'minAvailable: 51%'])('%s of two replicas blocks every drain', (spec) => {
    expect(rulesOf(deployment('replicas: 2') + budget(spec))).toEqual(['budget/blocks-drain']);
  });
  test.each(['maxUnavailable: 1', 'minAvailable: 1', 'minAvailable: 50%'])('%s of two replicas does not', (spec) => {
    expect(rulesOf(deployment('replicas: 2') + budget(spec))).toEqual([]);
  });
  test('minAvailable 1 of a single replica does', () => expect(rulesOf(deployment('replicas: 1') + budget('minAvailable: 1'))).toEqual(['budget/blocks-drain']));
  test('pods that are not ready are kept', () => expect(rulesOf(deployment('replicas: 2') + budget('maxUnavailable: 1').replace('unhealthyPodEvictionPolicy: AlwaysAllow, ', ''))).toEqual(['budget/keeps-unhealthy']));
  test('a selector that matches nothing', () => expect(rulesOf(budget('maxUnavailable: 1'))).toEqual(['budget/selects-nothing']));
  test('two budgets for the same pods', () => expect(rulesOf(deployment('replicas: 3') + budget('maxUnavailable: 1') + budget('minAvailable: 1', 'b2'))).toEqual(['budget/overlaps']));
  test('an expression selects as a label does', () => {
    const by = (expression: string) => budget('maxUnavailable: 1').replace('matchLabels: { app: web }', `matchExpressions: [${expression}]`);
    expect(rulesOf(deployment('replicas: 2') + by('{ key: app, operator: In, values: [web] }'))).toEqual([]);
    expect(rulesOf(deployment('replicas: 2') + by('{ key: app, operator: NotIn, values: [web] }'))).toEqual(['budget/selects-nothing']);
    expect(rulesOf(deployment('replicas: 2') + by('{ key: tier, operator: DoesNotExist }'))).toEqual([]);
  });
});

describe('what is the platform’s', () => {
  const critical = deployment('replicas: 1').replace('spec: { containers', 'spec: { priorityClassName: system-node-critical, containers');
  test('its priorities', () => {
    expect(rulesOf(critical)).toEqual(['priority/reserved']);
    expect(rulesOf(critical.replace('namespace: team', 'namespace: kube-system'))).toEqual([]);
    expect(rulesOf(critical, { platformNamespaces: ['team'] })).toEqual([]);
  });
  test('node ports', () => expect(rulesOf(service('type: NodePort, ports: [{ port: 80 }]'))).toEqual(['service/node-port']));
});

test('a field that Kubernetes would refuse is named with its place', () => {
  const broken = { object: parse(deployment('replicas: many')) as unknown, source: { file: 'web.yaml', line: 7 } };
  expect(() => lintArithmetic([broken])).toThrow(TenancyError);
  expect(() => lintArithmetic([broken])).toThrow(/Deployment team\/web in web\.yaml:7: spec\.replicas is not as Kubernetes has it/);
});

test('other kinds, and kinds of the same name in other groups, are left aside', () => {
  expect(rulesOf('apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: { name: x }\nspec: 7')).toEqual([]);
});

test('no two rules have a name', () => {
  const names = arithmeticRules().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

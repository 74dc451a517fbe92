/** The table of our handlers: which hook each answers and how. Discovery is rendered from it. */
import { variableDefinitions } from '../../api/variable-definitions.ts';
import { handlerNames } from '../class/cluster-class.ts';
import { generatePatches } from '../patches/generate.ts';
import { validateTopology } from '../validate/validate.ts';
import { hooksApiVersion, success, type DiscoverVariablesOutcome, type LifecycleRequest, type Outcome, type TopologyRequest } from './hooks.ts';
import { acknowledge, beforeClusterCreate, beforeClusterDelete, beforeClusterUpgrade, beforeWorkersUpgrade } from './lifecycle.ts';

export interface Handler {
  readonly name: string;
  readonly hook: string;
  /** What Cluster API does when we do not answer: stop the reconcile, or go on. */
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly answer: (request: unknown) => Outcome;
}

/** Seconds Cluster API waits for an answer; ours take milliseconds. */
const timeoutSeconds = 10;

export const handlers: readonly Handler[] = [
  { name: handlerNames.variables, hook: 'DiscoverVariables', failurePolicy: 'Fail', answer: discoverVariables },
  { name: handlerNames.patches, hook: 'GeneratePatches', failurePolicy: 'Fail', answer: (request) => generatePatches(request as TopologyRequest) },
  { name: handlerNames.validate, hook: 'ValidateTopology', failurePolicy: 'Fail', answer: (request) => validateTopology(request as TopologyRequest) },
  { name: 'before-cluster-create', hook: 'BeforeClusterCreate', failurePolicy: 'Fail', answer: (request) => beforeClusterCreate(request as LifecycleRequest) },
  { name: 'after-control-plane-initialized', hook: 'AfterControlPlaneInitialized', failurePolicy: 'Ignore', answer: acknowledge },
  { name: 'before-cluster-upgrade', hook: 'BeforeClusterUpgrade', failurePolicy: 'Fail', answer: (request) => beforeClusterUpgrade(request as LifecycleRequest) },
  { name: 'before-workers-upgrade', hook: 'BeforeWorkersUpgrade', failurePolicy: 'Fail', answer: (request) => beforeWorkersUpgrade(request as LifecycleRequest) },
  { name: 'after-cluster-upgrade', hook: 'AfterClusterUpgrade', failurePolicy: 'Ignore', answer: acknowledge },
  { name: 'before-cluster-delete', hook: 'BeforeClusterDelete', failurePolicy: 'Fail', answer: (request) => beforeClusterDelete(request as LifecycleRequest) },
];

function discoverVariables(): DiscoverVariablesOutcome {
  return { ...success, variables: variableDefinitions() };
}

/** The answer to Discovery: Cluster API stores it in the status of the ExtensionConfig. */
export const discovery = (): Outcome & { readonly handlers: readonly object[] } => ({
  ...success,
  handlers: handlers.map(({ name, hook, failurePolicy }) => ({ name, requestHook: { apiVersion: hooksApiVersion, hook }, timeoutSeconds, failurePolicy })),
});

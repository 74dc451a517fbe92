/** The table of our handlers: which hook each answers and how. Discovery is rendered from it. */
import { extensionConfigName } from '../../api/names.ts';
import type { RegisteredHandler } from '../../api/registered-handler.ts';
import { variableDefinitions } from '../../api/variable-definitions.ts';
import { handlerNames } from '../class/cluster-class.ts';
import { type ClassVersion, classVersions } from '../class/versions.ts';
import { generatePatches } from '../patches/generate.ts';
import { validateTopology } from '../validate/validate.ts';
import { hooksApiVersion, success, type LifecycleRequest, type Outcome, type TopologyRequest } from './hooks.ts';
import { acknowledge, beforeClusterCreate, beforeClusterDelete, beforeClusterUpgrade, beforeWorkersUpgrade } from './lifecycle.ts';
import { publishedClass } from './published-class.ts';

export interface Handler {
  readonly name: string;
  readonly hook: string;
  readonly failurePolicy: RegisteredHandler['failurePolicy'];
  readonly answer: (request: unknown) => Outcome;
}

/** Seconds Cluster API waits for an answer; ours take milliseconds. */
const timeoutSeconds = 10;

/** @param report is told with every GeneratePatches whether the published class is the one made here */
export const handlersOf = (versions: readonly ClassVersion[], report: (className: string, isSame: boolean) => void): readonly Handler[] => [...versions.flatMap((version) => ofClass(version, report)), ...ofLife];

/** As they stand in the status of the ExtensionConfig, once Cluster API knows them. */
export const registeredHandlers = (versions: readonly ClassVersion[] = classVersions): RegisteredHandler[] =>
  handlersOf(versions, () => undefined).map((handler) => ({ ...registered(handler), name: `${handler.name}.${extensionConfigName}` }));

function ofClass(version: ClassVersion, report: (className: string, isSame: boolean) => void): Handler[] {
  const names = handlerNames(version.name);
  const { refusal } = publishedClass(version, report);
  return [
    { name: names.variables, hook: 'DiscoverVariables', failurePolicy: 'Fail', answer: () => ({ ...success, variables: variableDefinitions(version.variables) }) },
    { name: names.patches, hook: 'GeneratePatches', failurePolicy: 'Fail', answer: (request) => refusal(request as TopologyRequest) ?? generatePatches(request as TopologyRequest, version) },
    { name: names.validate, hook: 'ValidateTopology', failurePolicy: 'Fail', answer: (request) => validateTopology(request as TopologyRequest, version) },
  ];
}

/** Asked once for every Cluster, whatever version of the class it has. */
const ofLife: readonly Handler[] = [
  { name: 'before-cluster-create', hook: 'BeforeClusterCreate', failurePolicy: 'Fail', answer: (request) => beforeClusterCreate(request as LifecycleRequest) },
  { name: 'after-control-plane-initialized', hook: 'AfterControlPlaneInitialized', failurePolicy: 'Ignore', answer: acknowledge },
  { name: 'before-cluster-upgrade', hook: 'BeforeClusterUpgrade', failurePolicy: 'Fail', answer: (request) => beforeClusterUpgrade(request as LifecycleRequest) },
  { name: 'before-workers-upgrade', hook: 'BeforeWorkersUpgrade', failurePolicy: 'Fail', answer: (request) => beforeWorkersUpgrade(request as LifecycleRequest) },
  { name: 'after-cluster-upgrade', hook: 'AfterClusterUpgrade', failurePolicy: 'Ignore', answer: acknowledge },
  { name: 'before-cluster-delete', hook: 'BeforeClusterDelete', failurePolicy: 'Fail', answer: (request) => beforeClusterDelete(request as LifecycleRequest) },
];

/** The answer to Discovery: Cluster API stores it in the status of the ExtensionConfig. */
export const discovery = (handlers: readonly Handler[]): Outcome & { readonly handlers: readonly RegisteredHandler[] } => ({ ...success, handlers: handlers.map(registered) });

const registered = ({ name, hook, failurePolicy }: Handler): RegisteredHandler => ({ name, requestHook: { apiVersion: hooksApiVersion, hook }, timeoutSeconds, failurePolicy });

/** `keelson app tree NAME`: what the App made, down to its pods, and how each is. */
import { keyOf, type KubeClient, type KubeObject, resources, systemClock } from '../../../kube/index.ts';
import { healthCheck } from '../../../operators/app/health.ts';
import { Kinds } from '../../../operators/app/kinds.ts';
import { releaseAt } from '../../../operators/app/release-keeper.ts';
import { newestRecord } from '../../../operators/app/release-record.ts';
import type { CliContext, OutputOptions } from '../../context.ts';
import { write } from '../../write.ts';
import { withManagement } from '../cluster/management.ts';
import { type AppOptions, findApp, withTarget } from './load.ts';

export interface TreeNode {
  /** "Deployment kube-system/metrics-server" */
  readonly object: string;
  readonly health: 'healthy' | 'progressing' | 'failed' | 'missing';
  readonly message?: string;
  readonly made: readonly TreeNode[];
}

/** Kinds that others make: found through their owner references. */
const madeByOthers = [resources.replicaSets, resources.jobs, resources.pods];

export async function appTree(context: CliContext, name: string, options: AppOptions & OutputOptions): Promise<void> {
  await withManagement(context, options, async (client) => {
    const app = await findApp(client, { namespace: options.namespace ?? 'default', name }, context.signal);
    await withTarget(context, { client, options }, app, async (target) => {
      const objects = await releaseObjects(target, releaseAt(app), context.signal);
      const namespaces = new Set(objects.flatMap(({ live }) => live?.metadata.namespace ?? []));
      const children = (await Promise.all([...namespaces].flatMap((namespace) => madeByOthers.map(async (resource) => (await target.list<KubeObject>(resource, { namespace, signal: context.signal })).items)))).flat();
      const nodes = objects.map(({ what, live }) => (live ? treeNode(live, children) : { object: what, health: 'missing' as const, made: [] }));
      write(context, options.output, nodes, () => treeText(app.metadata.name, nodes));
      if (nodes.length === 0 || !nodes.every(isWell)) context.setExitCode(1);
    });
  });
}

async function releaseObjects(client: KubeClient, at: { readonly release: string; readonly namespace: string }, signal: AbortSignal): Promise<readonly { readonly what: string; readonly live: KubeObject | undefined }[]> {
  const kinds = new Kinds(systemClock);
  const record = await newestRecord(client, at, signal);
  return await Promise.all((record?.objects ?? []).map(async (object) => {
    const resource = await kinds.resourceOf(client, 'target', object, signal);
    const ref = resource?.namespaced === false ? { name: object.metadata.name } : { namespace: object.metadata.namespace ?? at.namespace, name: object.metadata.name };
    return { what: `${object.kind} ${keyOf(ref)}`, live: resource && (await client.get<KubeObject>(resource, ref, { signal })) };
  }));
}

/** With all that it owns, directly or not. ReplicaSets of former revisions without pods are left out. */
export function treeNode(object: KubeObject, children: readonly KubeObject[]): TreeNode {
  const owned = children.filter((child) => child.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid));
  const made = owned.map((child) => treeNode(child, children)).filter((node) => !(node.object.startsWith('ReplicaSet ') && node.made.length === 0));
  const health = healthCheck(object)?.(object) ?? { kind: 'healthy' as const };
  return { object: `${object.kind} ${keyOf(object.metadata)}`, health: health.kind, ...('message' in health ? { message: health.message } : {}), made };
}

const isWell = (node: TreeNode): boolean => node.health === 'healthy' && node.made.every(isWell);
const signs = { healthy: '✓', progressing: '…', failed: '✗', missing: '✗' } as const;

export function treeText(name: string, nodes: readonly TreeNode[]): string {
  const lines = (list: readonly TreeNode[], indent: string): readonly string[] =>
    list.flatMap(({ object, health, message, made }, i) => {
      const isLast = i === list.length - 1;
      const note = health === 'missing' ? ' is not there' : message === undefined ? '' : `: ${message}`;
      return [`${indent}${isLast ? '└─' : '├─'} ${signs[health]} ${object}${note}`, ...lines(made, `${indent}${isLast ? '   ' : '│  '}`)];
    });
  return nodes.length === 0 ? `App ${name} has no release yet\n` : `App ${name}\n${lines(nodes, '').join('\n')}\n`;
}

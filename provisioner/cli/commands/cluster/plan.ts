/** `keelson cluster plan FILE`: what applying a Cluster would replace, keep or be refused. Nothing is changed. */
import { extensionConfigName } from '../../../api/names.ts';
import { type PlanInput, plan, type Step } from '../../../cluster-plan/plan.ts';
import { isKubeError, keyOf, type KubeClient, type KubeObject, resources } from '../../../kube/index.ts';
import type { PreflightCluster } from '../../../preflight/cluster.ts';
import type { CliContext, OutputOptions } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { write } from '../../write.ts';
import { readManifests } from '../policy/manifests.ts';
import { type ManagementOptions, withManagement } from './management.ts';

type Whole = KubeObject & PreflightCluster;

interface ClusterPlan {
  readonly cluster: string;
  /** The API server's own words; empty when it would take the change. */
  readonly refusals: readonly string[];
  readonly steps: readonly Step[];
}

/** Exit code 1 when something is refused. @throws CliError; KubeError */
export async function clusterPlan(context: CliContext, files: readonly string[], options: ManagementOptions & OutputOptions): Promise<void> {
  const wanted = (await readManifests(files, context)).filter(({ object }) => object['kind'] === 'Cluster' && String(object['apiVersion']).startsWith('cluster.x-k8s.io/')).map(({ object }) => object as unknown as Whole);
  if (wanted.length === 0) throw new CliError('CLI_MANIFEST_BROKEN', 'there is no Cluster (cluster.x-k8s.io) among the manifests; give its file');
  await withManagement(context, options, async (client) => {
    const plans: ClusterPlan[] = [];
    for (const cluster of wanted) plans.push(await planOne(client, { ...cluster, metadata: { ...cluster.metadata, namespace: cluster.metadata.namespace ?? options.namespace ?? 'default' } }, context.signal));
    write(context, options.output, plans, () => plans.map(table).join('\n'));
    if (plans.some(({ refusals, steps }) => refusals.length > 0 || steps.some(({ action }) => action === 'refuse'))) context.setExitCode(1);
  });
}

async function planOne(client: KubeClient, wanted: Whole, signal: AbortSignal): Promise<ClusterPlan> {
  const { namespace = '', name } = wanted.metadata;
  const before = await client.get<Whole>(resources.clusters, { namespace, name }, { signal });
  const extension = await client.get<KubeObject & { spec?: { settings?: Record<string, string> } }>(resources.extensionConfigs, { name: extensionConfigName }, { signal });
  const { after, refusals } = await dryRun(client, wanted, signal);
  const input: PlanInput = { before, after: after ?? wanted, settings: extension?.spec?.settings ?? {} };
  return { cluster: keyOf(wanted.metadata), refusals, steps: refusals.length > 0 && !after ? [] : plan(input) };
}

/** As `kubectl apply --server-side --dry-run=server`: schema, CEL rules, admission policies and webhooks all have their say, and defaults are filled in. */
async function dryRun(client: KubeClient, wanted: Whole, signal: AbortSignal): Promise<{ after?: Whole; refusals: readonly string[] }> {
  try {
    return { after: await client.apply<Whole>(resources.clusters, wanted, { fieldManager: 'kubectl', force: true, dryRun: true, signal }), refusals: [] };
  } catch (error) {
    if (!isKubeError(error, 'KUBE_INVALID', 'KUBE_FORBIDDEN')) throw error;
    return { refusals: [error.message] };
  }
}

const signs = { keep: '  ', change: '~ ', scale: '~ ', roll: '↻ ', create: '+ ', delete: '- ', refuse: '✗ ' } as const;

/** Ten reasons at most: an upgrade of Kubernetes changes many fields for one reason. */
function table({ cluster, refusals, steps }: ClusterPlan): string {
  const lines = steps.map(({ part, action, machines, how, because }) => {
    const count = machines === 0 ? '' : ` ${machines} machine${machines === 1 ? '' : 's'}`;
    const reasons = because.length === 0 ? '' : `\n      because of ${because.slice(0, 10).join(', ')}${because.length > 10 ? ` and ${because.length - 10} more` : ''}`;
    return `  ${signs[action]}${part}: ${action}${count}${how && ` (${how})`}${reasons}`;
  });
  return `${[`Cluster ${cluster}`, ...refusals.map((one) => `  ✗ refused: ${one}`), ...lines].join('\n')}\n`;
}

/** `keelson cluster status NAME`: one page, exit code 1 while the cluster is not available. */
import { labels } from '../../../api/labels.ts';
import { type KubeObject, resources } from '../../../kube/index.ts';
import type { CliContext, OutputOptions } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { write } from '../../write.ts';
import { type ManagementOptions, withManagement } from './management.ts';
import { clusterPage, pageText } from './status-page.ts';

/** @throws CliError CLI_BAD_OPTION for a Cluster that is not there; KubeError */
export async function clusterStatus(context: CliContext, name: string, options: ManagementOptions & OutputOptions): Promise<void> {
  await withManagement(context, options, async (client) => {
    const { signal } = context;
    const { namespace = 'default' } = options;
    const cluster = await client.get<KubeObject>(resources.clusters, { namespace, name }, { signal });
    if (!cluster) throw new CliError('CLI_BAD_OPTION', `there is no Cluster ${namespace}/${name}; --namespace says where to look`);
    const of = async (resource: Parameters<typeof client.list>[0]): Promise<KubeObject[]> => (await client.list<KubeObject>(resource, { namespace, labelSelector: `${labels.clusterName}=${name}`, signal })).items;
    const [controlPlanes, groups, machines, apps] = await Promise.all([of(resources.kubeadmControlPlanes), of(resources.machineDeployments), of(resources.machines), of(resources.apps)]);
    const page = clusterPage({ cluster, controlPlane: controlPlanes[0], groups, machines, apps });
    write(context, options.output, page, () => pageText(page));
    if (page.phase !== 'available') context.setExitCode(1);
  });
}

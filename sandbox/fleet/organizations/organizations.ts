/** Makes the organizations that `keelson up` was asked for, each with its project, its namespace, its credentials and its people. */
import { organizationIdentitiesReady, organizationReady } from '../../../provisioner/api/conditions.ts';
import { labels } from '../../../provisioner/api/labels.ts';
import { organizationNamespace } from '../../../provisioner/api/names.ts';
import { resources, type KubeClient, type KubeObject } from '../../../provisioner/kube/index.ts';
import { clusterName } from '../cluster-object.ts';
import { conditionsOf } from '../conditions.ts';
import type { FleetContext } from '../context.ts';
import { FleetError } from '../errors.ts';
import { notYet, ready, until, type Look } from '../until.ts';
import { newOrganization } from './organization-object.ts';
import { writePeople } from './people.ts';
import { ensureTenantCloud, type TenantCloud } from './tenant-cloud.ts';

const fieldManager = 'keelson-sandbox';
type Step = (what: string) => void;

/** `demo`, `demo-2` …: each has the cluster of its name. */
export const organizationNames = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => clusterName(index).name);

/**
 * An Organization that is there stays as it is.
 * @throws FleetError FLEET_BAD_OPTION where its cluster runs already in a namespace of nobody, in the project of the fleet
 */
export async function ensureOrganizations(context: FleetContext, kube: KubeClient, step: Step): Promise<void> {
  const names = organizationNames(context.shape?.organizations ?? 0);
  for (const name of names) await refuseForeign(kube, name, context.signal);
  await Promise.all(names.map(async (name) => {
    step(`organization ${name}: project and user`);
    const cloud = await ensureTenantCloud(context, name);
    await ensureOrganization(context, kube, { name, cloud, step });
    await writePeople(context, kube, name);
  }));
}

async function refuseForeign(kube: KubeClient, organization: string, signal: AbortSignal): Promise<void> {
  const namespace = await kube.get<KubeObject>(resources.namespaces, { name: organizationNamespace(organization) }, { signal });
  if (!namespace || namespace.metadata.labels?.[labels.organization] === organization) return;
  throw new FleetError('FLEET_BAD_OPTION', `--organizations: cluster ${organization} runs already without an Organization, in the project of the fleet; "keelson down", then the same command again`);
}

async function ensureOrganization(context: FleetContext, kube: KubeClient, { name, cloud, step }: { name: string; cloud: TenantCloud; step: Step }): Promise<void> {
  const { signal } = context;
  const options = { signal, timeoutMs: 120_000, step };
  const wanted = newOrganization(name, cloud);
  // The webhooks of the topology extension refuse until its certificate is there.
  await until(`Organization ${name}`, async () => ready((await kube.get(resources.organizations, { name }, { signal })) ?? (await kube.create(resources.organizations, wanted, { signal }))), options);
  await until(`Organization ${name}`, () => isTrue(kube, name, organizationReady.type, signal), options);
  const namespace = organizationNamespace(name);
  await kube.apply(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cloud', namespace }, stringData: { 'clouds.yaml': cloud.clouds } }, { fieldManager, force: true, signal });
  await until(`Organization ${name}`, () => isTrue(kube, name, organizationIdentitiesReady.type, signal), options);
}

async function isTrue(kube: KubeClient, name: string, type: string, signal: AbortSignal): Promise<Look<true>> {
  const found = await kube.get<KubeObject>(resources.organizations, { name }, { signal });
  const condition = found && conditionsOf(found).find((one) => one.type === type);
  return condition?.status === 'True' ? ready(true) : notYet(condition ? `${condition.reason}: ${condition.message}` : 'no condition yet');
}

/**
 * A class that is published stays as it is. The extension refuses to answer for a class whose output is not its own; were
 * the operator to write its own digest over it, nothing would stand between a changed release and every machine.
 */
import { classOutputSetting } from '../../api/names.ts';
import type { KubeClient, KubeObject, Resource } from '../../kube/index.ts';

type Class = KubeObject & { readonly spec?: { readonly patches?: readonly { readonly external?: { readonly settings?: Readonly<Record<string, string>> } }[] } };

export interface Publication {
  /** Why nothing is applied; undefined when there is no class yet, or the same one. */
  readonly heldBack: string | undefined;
  /** Classes that are there, by name → resourceVersion that was looked at. */
  readonly versions: ReadonlyMap<string, string>;
}

export async function publication(client: KubeClient, objects: readonly { object: KubeObject; resource: Resource }[], signal: AbortSignal): Promise<Publication> {
  const versions = new Map<string, string>();
  for (const { object, resource } of objects.filter(({ object: { kind } }) => kind === 'ClusterClass')) {
    const { name, namespace = '' } = object.metadata;
    const found = await client.get<Class>(resource, { namespace, name }, { signal });
    const [published, own] = [outputOf(found), outputOf(object)];
    if (published !== undefined && published !== own) {
      return { versions, heldBack: `ClusterClass ${name} was published with output ${published.slice(0, 12)}, this Keelson would make ${own?.slice(0, 12) ?? 'another'}; go back to the former Keelson, or delete the class if no Cluster names it` };
    }
    if (found?.metadata.resourceVersion !== undefined) versions.set(name, found.metadata.resourceVersion);
  }
  return { versions, heldBack: undefined };
}

/** The digest in the settings of the class's patches (`provisioner/topology/published`). */
export const outputOf = (object: Class | undefined): string | undefined => object?.spec?.patches?.map((patch) => patch.external?.settings?.[classOutputSetting]).find((output) => output !== undefined);

/** The Apps of each namespace. What an App refers to and who refers to it stands beside it, and a fleet has thousands elsewhere. */
import { type ChangeSource, keyOf } from '../../kube/index.ts';
import type { AppObject } from './app-object.ts';

export interface Neighbours {
  /** In no promised order. */
  in(namespace: string | undefined): readonly AppObject[];
}

/** @param apps called back from now on: give it before whoever asks for neighbours listens */
export function neighboursOf(apps: ChangeSource<AppObject>): Neighbours {
  const byNamespace = new Map<string, Map<string, AppObject>>();
  apps.onChange(({ type, object }) => {
    const { namespace = '' } = object.metadata;
    const here = byNamespace.get(namespace) ?? new Map<string, AppObject>();
    if (type === 'deleted') here.delete(keyOf(object.metadata));
    else here.set(keyOf(object.metadata), object);
    if (here.size === 0) byNamespace.delete(namespace);
    else byNamespace.set(namespace, here);
  });
  return { in: (namespace = '') => [...(byNamespace.get(namespace)?.values() ?? [])] };
}

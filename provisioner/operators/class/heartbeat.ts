/** A source that asks for one key once, for controllers whose work does not follow from an object. They come back by themselves. */
import type { Change, ChangeSource, KubeObject, ReflectorStatus } from '../../kube/index.ts';

export function heartbeat(name: string): ChangeSource {
  const object: KubeObject = { apiVersion: 'v1', kind: 'Heartbeat', metadata: { name } };
  return {
    start: () => undefined,
    whenSynced: () => Promise.resolve(),
    whenStopped: () => Promise.resolve(),
    isSynced: true,
    onChange(listener: (change: Change) => void) {
      listener({ type: 'added', object });
      return () => undefined;
    },
    status: (): ReflectorStatus => ({ resource: name, isSynced: true, objects: 1, silentMs: undefined, failure: undefined }),
  };
}

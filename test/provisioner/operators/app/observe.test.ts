import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { manifestObjects } from '../../../../provisioner/helm/index.ts';
import { watchedOf } from '../../../../provisioner/operators/app/observe.ts';

/** Its names are longer than the twelve characters from which V8 cuts instead of copying. */
const manifest = (i: number): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: openstack-cloud-controller-manager-${i}, namespace: openstack-system-${i}}
spec: {paused: ${JSON.stringify('filler '.repeat(20_000))}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: no-health-of-its-own-${i}}
`;

describe('what is kept of a release to look at it again', () => {
  it('are kind and name of what has a health', () => {
    expect(watchedOf(manifestObjects(manifest(1)))).toEqual([{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'openstack-cloud-controller-manager-1', namespace: 'openstack-system-1' }]);
  });

  it('does not hold on to the manifest', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = (): number => (collect(), process.memoryUsage().heapUsed);
    const before = used();
    const kept = Array.from({ length: 100 }, (_, i) => watchedOf(manifestObjects(manifest(i))));
    expect((used() - before) / kept.length).toBeLessThan(20_000);
    expect(kept).toHaveLength(100);
  });
});

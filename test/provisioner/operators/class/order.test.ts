import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { classPlan } from '../../../../provisioner/operators/class/order.ts';

describe('classPlan', () => {
  const object = (kind: string): KubeObject => ({ apiVersion: 'x/v1', kind, metadata: { name: 'a' } });

  it('applies all in their order, or names what is missing once', () => {
    const [template, clusterClass] = [object('Template'), object('ClusterClass')];
    expect(classPlan([{ object: template, resource: resources.apps }, { object: clusterClass, resource: resources.clusters }])).toMatchObject({ kind: 'apply', objects: [{ object: template }, { object: clusterClass }] });
    expect(classPlan([{ object: template, resource: undefined }, { object: template, resource: undefined }, { object: clusterClass, resource: resources.clusters }])).toEqual({ kind: 'wait', missing: ['Template (x/v1)'] });
  });
});

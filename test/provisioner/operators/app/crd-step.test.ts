import type { Crd } from '../../../../provisioner/helm/index.ts';
import { crdMark, crdStep, type LiveCrd } from '../../../../provisioner/operators/app/crd-step.ts';

type Served = Record<string, boolean>;
const crd = (versions: Served, o: { scope?: string; kind?: string; apiVersion?: string } = {}): Crd => ({
  apiVersion: o.apiVersion ?? 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'as.a.test' },
  spec: { group: 'a.test', scope: o.scope ?? 'Namespaced', names: { kind: o.kind ?? 'A', plural: 'as' }, versions: Object.entries(versions).map(([name, served], i) => ({ name, served, storage: i === 0 })) },
});
const live = (versions: Served, o: { stored?: string[]; mark?: string } = {}): LiveCrd => {
  const { metadata, ...rest } = crd(versions);
  return { ...rest, metadata: { ...metadata, ...(o.mark === undefined ? {} : { annotations: { 'keelson.dev/crd-source': o.mark } }) }, status: { storedVersions: o.stored ?? [] } };
};
const from = { chart: 'web', version: '2.0.0' };

describe('what may be done with a CRD', () => {
  it('one that is not there is made', () => {
    expect(crdStep(crd({ v1: true }), undefined, from)).toEqual({ kind: 'apply', unserved: [] });
  });

  it('one that Helm or a person made becomes what the chart says', () => {
    expect(crdStep(crd({ v2: true, v1: true }), live({ v1: true }, { stored: ['v1'] }), from)).toEqual({ kind: 'apply', unserved: [] });
  });

  it('is kept where it is as this chart has it, and applied again where the same version has another content', () => {
    const [wanted, other] = [crd({ v1: true }), crd({ v1: true, v2: true })];
    expect(crdStep(wanted, live({ v1: true }, { mark: crdMark(wanted, from) }), from).kind).toBe('keep');
    expect(crdStep(other, live({ v1: true }, { mark: crdMark(wanted, from) }), from).kind).toBe('apply');
  });

  it.each([
    ['web 2.0.1 x', 'keep'], ['web v10.0.0 x', 'keep'], ['web 2.0.0-rc.1 x', 'apply'], ['web 1.9.9 x', 'apply'], ['web 2.0.0+other x', 'apply'], ['other 9.0.0 x', 'apply'], ['nonsense', 'apply'],
  ] as const)('only forward: what the cluster has from %s is for 2.0.0 a case of %s', (mark, kind) => {
    expect(crdStep(crd({ v1: true }), live({ v1: true }, { mark }), from).kind).toBe(kind);
    expect(crdStep(crd({ v1: true }), live({ v1: true }, { mark }), { ...from, chart: 'oci://a.test/charts/web' }).kind).toBe(kind);
  });

  it('a version that is stored does not go', () => {
    expect(crdStep(crd({ v2: true }), live({ v2: true, v1: false }, { stored: ['v1', 'v2'] }), from)).toEqual({ kind: 'refuse', message: expect.stringContaining('stored as v1 (status.storedVersions)') as string });
    expect(crdStep(crd({ v2: true, v1: false }), live({ v2: true, v1: false }, { stored: ['v1', 'v2'] }), from)).toEqual({ kind: 'apply', unserved: [] });
  });

  it('versions that would no longer be served are told, gone or switched off', () => {
    expect(crdStep(crd({ v3: true, v2: false }), live({ v3: true, v2: true, v1: true, v0: false }), from)).toEqual({ kind: 'apply', unserved: ['v2', 'v1'] });
  });

  it('what cannot be changed is told before it is tried', () => {
    expect(crdStep(crd({ v1: true }, { scope: 'Cluster' }), live({ v1: true }), from)).toMatchObject({ kind: 'refuse', message: expect.stringContaining('scope') as string });
    expect(crdStep(crd({ v1: true }, { kind: 'B' }), live({ v1: true }), from)).toMatchObject({ kind: 'refuse', message: expect.stringContaining('kind') as string });
    expect(crdStep(crd({ v1: true }, { apiVersion: 'apiextensions.k8s.io/v1beta1' }), undefined, from)).toMatchObject({ kind: 'refuse', message: expect.stringContaining('1.22') as string });
  });
});

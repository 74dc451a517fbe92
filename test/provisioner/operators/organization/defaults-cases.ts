/** An Organization's defaults on a real API server: what new Clusters get, and that a Cluster which is there keeps what it has. */
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { eventually } from '../surroundings.ts';
import type { Answer, Management } from './management.ts';

type Variables = { name: string; value: Record<string, unknown> }[];
type Cluster = KubeObject & { spec: { topology: { classRef?: object; version?: string; variables?: Variables; controlPlane?: object } } };

const defaults = {
  classRef: { name: 'openstack-v1' }, version: 'v1.36.3', image: 'node-v1.36.3', identity: { name: 'cloud', cloudName: 'openstack' }, externalNetwork: 'external',
  controlPlane: { flavor: 'k.small' }, worker: { flavor: 'k=large' },
};
const all = 'classRef,version,cloud/identity,network/externalNetwork,controlPlane/flavor,controlPlane/image,worker/flavor';

/** @param running organization `other` is Ready, and has neither quota nor Clusters */
export function defaultsCases(running: () => Management): void {
  const cluster = (name: string, topology: object, metadata: object = {}): Cluster => ({
    apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name, namespace: 'org-other', ...metadata }, spec: { topology: { controlPlane: { replicas: 1 }, ...topology } },
  });
  const editor = () => running().as('oidc:editor', ['oidc:other-editor']);
  const create = (object: Cluster): Promise<Answer> => editor().create(resources.clusters, object);
  const valuesOf = ({ body }: Answer): Record<string, unknown> => Object.fromEntries(((body as unknown as Cluster).spec.topology.variables ?? []).map(({ name, value }) => [name, value]));
  const path = '/apis/cluster.x-k8s.io/v1beta2/namespaces/org-other/clusters';
  const declare = (spec: object): Promise<unknown> => running().client.patch(resources.organizations, { name: 'other' }, { type: 'merge', body: { spec: { defaults: spec } } });

  beforeAll(async () => {
    await declare(defaults);
    await eventually(async () => (await editor().request('POST', path, cluster('probe', {}), { dryRun: 'All' })).status === 201);
  });

  it('fill in what a Cluster leaves out, in sight', async () => {
    const made = await create(cluster('bare', {}));
    expect(made.body).toMatchObject({ metadata: { annotations: { 'keelson.dev/defaulted': all } }, spec: { topology: { classRef: { namespace: 'keelson-system', name: 'openstack-v1' }, version: 'v1.36.3' } } });
    expect(valuesOf(made)).toEqual({
      cloud: { identity: { type: 'Secret', name: 'cloud', cloudName: 'openstack' } }, network: { externalNetwork: { name: 'external' } }, controlPlane: { flavor: 'k.small', image: 'node-v1.36.3' }, worker: { flavor: 'k=large' },
    });
  });

  it('leave everything that is said, field by field, and give no image for another version', async () => {
    const made = await create(cluster('said', {
      classRef: { name: 'openstack-v1', namespace: 'keelson-system' }, version: 'v1.35.4',
      variables: [{ name: 'worker', value: { flavor: 'mine' } }, { name: 'controlPlane', value: { zones: ['az1'] } }, { name: 'network', value: { externalNetwork: { id: 'x' }, nodeCidr: '10.1.0.0/24' } }, { name: 'cloud', value: { region: 'r' } }],
    }, { annotations: { note: 'mine' } }));
    expect(made.body).toMatchObject({ metadata: { annotations: { note: 'mine', 'keelson.dev/defaulted': 'cloud/identity,controlPlane/flavor' } }, spec: { topology: { version: 'v1.35.4' } } });
    expect((made.body as unknown as Cluster).spec.topology.variables).toEqual([
      { name: 'worker', value: { flavor: 'mine' } }, { name: 'controlPlane', value: { zones: ['az1'], flavor: 'k.small' } }, { name: 'network', value: { externalNetwork: { id: 'x' }, nodeCidr: '10.1.0.0/24' } },
      { name: 'cloud', value: { region: 'r', identity: { type: 'Secret', name: 'cloud', cloudName: 'openstack' } } },
    ]);
  });

  it('of a later day change no Cluster that is there, also when its manifest is applied again', async () => {
    await declare({ ...defaults, version: 'v1.36.9', image: 'node-v1.36.9', controlPlane: { flavor: 'k.huge' }, worker: null });
    await eventually(async () => (valuesOf(await editor().request('POST', path, cluster('probe', {}), { dryRun: 'All' }))['controlPlane'] as { flavor?: string })?.flavor === 'k.huge');
    const before = (await running().client.get<Cluster>(resources.clusters, { namespace: 'org-other', name: 'bare' }))!;
    // A replacement by the manifest: no annotation, no variables, no class.
    const replaced = await editor().request('PUT', `${path}/bare`, cluster('bare', { controlPlane: { replicas: 3 } }, { resourceVersion: before.metadata.resourceVersion }));
    expect(replaced).toMatchObject({ status: 200, body: { metadata: { annotations: { 'keelson.dev/defaulted': all } }, spec: { topology: { controlPlane: { replicas: 3 }, classRef: { name: 'openstack-v1' }, version: 'v1.36.3' } } } });
    expect(valuesOf(replaced)).toEqual(Object.fromEntries(before.spec.topology.variables!.map(({ name, value }) => [name, value])));
    const applied = await editor().request('PATCH', `${path}/bare`, { spec: { topology: { variables: [{ name: 'worker', value: { flavor: 'mine' } }] } } }, {});
    expect(applied.status).toBe(200);
    expect(valuesOf(applied)).toMatchObject({ worker: { flavor: 'mine' }, controlPlane: { flavor: 'k.small', image: 'node-v1.36.3' } });
    // The image is that of one Kubernetes: it goes with the version, to the default one or to none.
    const upgraded = (version: string) => editor().request('PATCH', `${path}/bare`, { spec: { topology: { version, variables: [] } } }, { dryRun: 'All' });
    expect(valuesOf(await upgraded('v1.36.9'))['controlPlane']).toEqual({ flavor: 'k.small', image: 'node-v1.36.9' });
    expect(valuesOf(await upgraded('v1.36.5'))['controlPlane']).toEqual({ flavor: 'k.small' });
  });

  it.each([
    ['a class that is not allowed', { classRef: { name: 'other' } }, /must be one of allowedClasses/],
    ['credentials that are not declared', { identity: { name: 'theirs' } }, /must be one of identities/],
    ['an image without its version', { version: null }, /give version too/],
    ['a line break', { externalNetwork: 'a\nworker/flavor=b' }, /should match/],
  ])('cannot be %s', async (_, change, message) => {
    await expect(declare({ ...defaults, ...change })).rejects.toThrow(message);
  });

  afterAll(async () => {
    for (const name of ['bare', 'said']) await running().client.delete(resources.clusters, { namespace: 'org-other', name });
    await running().client.patch(resources.organizations, { name: 'other' }, { type: 'json', body: [{ op: 'remove', path: '/spec/defaults' }] });
  });
}

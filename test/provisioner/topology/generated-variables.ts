/**
 * Any valid set of variables gives objects that the real API server takes with the real CRDs, and documents that kubeadm
 * takes. Validity is not ours to say: the variables' own schemas stand as a CRD in the same API server.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { VariablesInput } from '../../../provisioner/api/variables/index.ts';
import { variableDefinitions } from '../../../provisioner/api/variable-definitions.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { Condition, KubeObject } from '../../../provisioner/kube/types.ts';
import { classObjects } from '../../../provisioner/topology/class/objects.ts';
import { openstackV1 } from '../../../provisioner/topology/class/versions.ts';
import { validateTopology } from '../../../provisioner/topology/validate/validate.ts';
import { startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { toolsBin } from '../../fixtures/needs.ts';
import { arbitraryVariables, type Values } from './arbitrary-variables.ts';
import { kubeadmDocuments, validateWithKubeadm } from './kubeadm-documents.ts';
import { patched, request } from './requests.ts';
import { startedWith } from './started-with.ts';

const crds = join(import.meta.dirname, '../../../charts/cluster-api/templates/crds');
const group = 'test.keelson.dev';

export interface Counts {
  valid: number;
  refused: number;
  unfit: number;
  /** API servers that were started with the files. */
  started: number;
}

/** Starts before the tests of a suite and ends after them. @returns an API server with the schemas, once the tests run */
export function apiServerWithSchemas(): () => ApiServer {
  let api: ApiServer;
  beforeAll(async () => {
    api = await startApiServer();
    await installSchemas(api);
  }, 150_000);
  afterAll(() => api?.stop());
  return () => api;
}

/** The CRDs of Cluster API and CAPO that hold templates, and one whose spec are the variables. */
async function installSchemas(api: ApiServer): Promise<void> {
  const all = await Promise.all((await readdir(crds)).map(async (file) => parse(unhelmed(await readFile(join(crds, file), 'utf8'))) as KubeObject & { spec: { conversion?: object; names: { kind: string } } }));
  const wanted = all.filter(({ spec }) => /^(OpenStack(Cluster|Machine)Template|Kubeadm(ControlPlane|Config)Template)$/.test(spec.names.kind));
  for (const crd of wanted) {
    delete crd.spec.conversion;
    await api.client.create(resources.customResourceDefinitions, crd);
  }
  await api.client.create(resources.customResourceDefinitions, variablesDefinition());
  for (let i = 0; i < 200; i++) {
    const { items } = await api.client.list<KubeObject & { status?: { conditions?: Condition[] } }>(resources.customResourceDefinitions);
    if (items.every(({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True'))) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the CRDs were not established within 20 s');
}

function variablesDefinition(): KubeObject {
  const definitions = variableDefinitions();
  const spec = { type: 'object', required: definitions.filter(({ required }) => required).map(({ name }) => name), properties: Object.fromEntries(definitions.map(({ name, schema }) => [name, schema.openAPIV3Schema])) };
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `variables.${group}` },
    spec: {
      group, scope: 'Namespaced', names: { kind: 'Variables', plural: 'variables', singular: 'variables', listKind: 'VariablesList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' }, spec } } } }],
    },
  };
}

/** Throws with the values and the server's words when a valid set gives an object that is refused. @returns how the sets were distributed */
export async function checkGenerated(api: ApiServer, o: { runs: number; seed: number; kubeadm: readonly { binary: string; version: string; every: number }[]; starts?: readonly { binaries: string; version: string; every: number }[] }): Promise<Counts> {
  const counts: Counts = { valid: 0, refused: 0, unfit: 0, started: 0 };
  const { starts } = o;
  let i = 0;
  await fc.assert(
    fc.asyncProperty(arbitraryVariables(), async (drawn) => {
      const values = await withDefaults(api, drawn);
      if (!values) return void counts.refused++;
      const from = request(values as VariablesInput, { replicas: 1, groups: { az1: undefined }, settings: { managementEgress: '192.0.2.200/32' } });
      if (validateTopology(from, openstackV1).status === 'Failure') return void counts.unfit++;
      counts.valid++;
      for (const object of objectsOf(from)) await taken(api, object);
      for (const { binary, version, every } of o.kubeadm) if (counts.valid % every === 0) await validateWithKubeadm(binary, kubeadmDocuments(request(values as VariablesInput, { version, replicas: 1 }), version));
      for (const { binaries, version, every } of starts ?? []) {
        if (counts.valid % every !== 0) continue;
        await startedWith(values as VariablesInput, { api, binaries, version });
        counts.started++;
      }
      i++;
    }),
    { numRuns: o.runs, seed: o.seed, endOnFailure: true },
  );
  if (i === 0) throw new Error('not one set of variables was valid');
  return counts;
}

/** The values as the API server stores them; undefined when it refuses them. */
async function withDefaults(api: ApiServer, spec: Values): Promise<Values | undefined> {
  const answer = await post(api, `/apis/${group}/v1/namespaces/default/variables`, { apiVersion: `${group}/v1`, kind: 'Variables', metadata: { name: 'x' }, spec });
  if (answer.status === 201) return (JSON.parse(answer.body) as { spec: Values }).spec;
  if (answer.status === 422) return undefined;
  throw new Error(answer.body);
}

/** The templates of the class with the patches on them. */
function objectsOf(from: ReturnType<typeof request>): KubeObject[] {
  const patches = patched(from);
  const byTemplate: Record<string, string> = { OpenStackClusterTemplate: 'cluster', KubeadmControlPlaneTemplate: 'control-plane', KubeadmConfigTemplate: 'az1-config' };
  return classObjects().filter(({ kind }) => kind !== 'ClusterClass').map((object) => {
    const { spec } = (object['spec'] as { template: { spec: object } }).template;
    const uid = byTemplate[object.kind] ?? (object.metadata.name.endsWith('control-plane') ? 'control-plane-machine' : 'az1-machine');
    return { ...object, metadata: { ...object.metadata, namespace: 'default' }, spec: { template: { spec: { ...spec, ...patches[uid] } } } };
  });
}

async function taken(api: ApiServer, object: KubeObject): Promise<void> {
  const plural = `${object.kind.toLowerCase()}s`;
  const answer = await post(api, `/apis/${object.apiVersion}/namespaces/default/${plural}`, object);
  if (answer.status !== 201) throw new Error(`${object.kind}: ${answer.body}`);
}

async function post(api: ApiServer, path: string, object: object): Promise<{ status: number; body: string }> {
  const { status, body } = await api.client.request({ method: 'POST', path, query: { dryRun: 'All', fieldValidation: 'Strict' }, headers: { 'content-type': 'application/json' }, body: JSON.stringify(object) });
  return { status, body: body.toString() };
}

/** The CRDs are chart templates: whole lines of template syntax go, the rest is YAML. */
const unhelmed = (text: string): string => text.split('\n').filter((line) => !/^\s*\{\{-? ?(if|end|range|include|\/\*)/.test(line)).join('\n').replaceAll(/\{\{.*?\}\}/g, 'x');

export const kubeadmOf = (version: string, folder = toolsBin): { binary: string; version: string } => ({ binary: join(folder, 'kubeadm'), version });

/** The second line: the built-in Pod Security admission with our defaults and labels, in a real API server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { admissionConfiguration, namespaceLabels } from '../../../policies/pods/render/admission-configuration.ts';
import { type ApiServer, apiServerNeeds, startApiServer } from '../../fixtures/api-server.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { createNamespace, denialOf } from './admission.ts';

describeWith(apiServerNeeds, 'Pod Security admission', () => {
  let api: ApiServer;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-admission-'));
    const file = join(folder, 'admission.yaml');
    await writeFile(file, stringify(admissionConfiguration({ enforce: 'baseline', audit: 'restricted', warn: 'restricted', version: 'v1.36' }, ['exempt'])));
    api = await startApiServer({ flags: [`--admission-control-config-file=${file}`] });
    await createNamespace(api.client, 'plain');
    await createNamespace(api.client, 'exempt');
    await createNamespace(api.client, 'strict', namespaceLabels({ enforce: 'restricted', audit: 'restricted', warn: 'restricted', version: 'v1.34' }));
  }, 150_000);
  afterAll(async () => {
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const pod = (spec: object): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers: [{ name: 'a', image: 'a' }], ...spec } });

  test.each([
    ['plain', {}, undefined],
    ['plain', { hostPID: true }, /violates PodSecurity "baseline:v1\.36": host namespaces/],
    ['exempt', { hostPID: true }, undefined],
    ['strict', {}, /violates PodSecurity "restricted:v1\.34"/],
  ])('in namespace %s judges %j by its labels, else by the defaults', async (namespace, spec, message) => {
    const denial = await denialOf(api.client, pod(spec), namespace);
    if (message) expect(denial?.messages.join()).toMatch(message);
    else expect(denial).toBeUndefined();
  });
});

import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import type { Secret } from '../../../../provisioner/operators/certificates/authority.ts';
import { certificateControllers } from '../../../../provisioner/operators/certificates/index.ts';
import { readBundle } from '../../../../provisioner/operators/certificates/x509.ts';
import { type ApiServer, apiServerNeeds, startApiServer } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { eventually, startControllers, type TestContext, testContext } from '../surroundings.ts';

const day = 24 * 3_600_000;
const text = (secret: Secret, field: string) => Buffer.from(secret.data?.[field] ?? '', 'base64').toString();

describeWith(apiServerNeeds, 'certificates, against a real API server', () => {
  let api: ApiServer;
  let context: TestContext;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    api = await startApiServer();
    context = testContext(api.client);
    for (const name of ['keelson-system', 'team']) await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    stop = startControllers(certificateControllers(context));
  }, 150_000);

  afterAll(async () => {
    await stop?.();
    await api?.stop();
  });

  const servingSecret = (name: string) => eventually(() => api.client.get<Secret>(resources.secrets, { namespace: 'team', name }));

  it('lets the API server call a webhook by the certificate it issued and the CA it injected', async () => {
    await api.client.create(resources.services, service('hook', 'hook-tls'));
    const secret = await servingSecret('hook-tls');
    const calls: string[] = [];
    const server = await listen(secret, (uid) => calls.push(uid));
    try {
      await api.client.create(resources.validatingWebhookConfigurations, webhookConfiguration((server.address() as AddressInfo).port));
      await eventually(async () => {
        const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '', generateName: 'x-', namespace: 'team' } };
        await api.client.create(resources.configMaps, configMap);
        return calls.length > 0;
      });
    } finally {
      server.close();
      await api.client.delete(resources.validatingWebhookConfigurations, { name: 'hook' });
    }
  }, 60_000);

  it('renews at two thirds of the life, with the same CA', async () => {
    await api.client.create(resources.services, service('renewed', 'renewed-tls'));
    const before = await servingSecret('renewed-tls');
    context.turn(61 * day);
    await touch(api, 'renewed');
    const after = await eventually(async () => {
      const now = await servingSecret('renewed-tls');
      return text(now, 'tls.crt') !== text(before, 'tls.crt') && now;
    });
    expect(text(after, 'ca.crt')).toBe(text(before, 'ca.crt'));
    expect(text(after, 'tls.key')).not.toBe(text(before, 'tls.key'));
  }, 60_000);

  it('injects the CA into a CRD, and both CAs while one follows the other', async () => {
    await api.client.create(resources.services, service('converter', 'converter-tls'));
    await api.client.create(resources.customResourceDefinitions, convertedCrd());
    const injected = async (count: number) => {
      const crd = await api.client.get(resources.customResourceDefinitions, { name: 'things.example.test' });
      const bundle = (crd?.['spec'] as { conversion: { webhook: { clientConfig: { caBundle?: string } } } }).conversion.webhook.clientConfig.caBundle ?? '';
      return readBundle(Buffer.from(bundle, 'base64').toString()).length === count;
    };
    await eventually(() => injected(1));
    context.turn(9 * 365 * day);
    await touch(api, 'converter');
    await eventually(() => injected(2));
  }, 60_000);

  it('leaves a Secret of somebody else alone and says so', async () => {
    await api.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mine', namespace: 'team' }, data: { password: 'eA==' } } as KubeObject);
    await api.client.create(resources.services, service('thief', 'mine'));
    await eventually(() => context.said.some((line) => line.includes('CertificateRefused Service thief')));
    expect((await servingSecret('mine')).data).toEqual({ password: 'eA==' });
  }, 60_000);

  it('told no key in all of this', async () => {
    const { items } = await api.client.list<Secret>(resources.secrets, { labelSelector: 'keelson.dev/certificate' });
    const keys = items.flatMap((s) => ['tls.key', 'next.key'].map((f) => s.data?.[f])).filter((k) => k !== undefined);
    expect(keys.length).toBeGreaterThan(2);
    const all = context.said.join('\n');
    for (const key of keys) {
      expect(all).not.toContain(key);
      expect(all).not.toContain(Buffer.from(key, 'base64').toString().split('\n')[1]);
    }
  });
});

/** ExternalName: the API server then dials localhost, and checks the certificate for hook.team.svc as for any Service. */
function service(name: string, secret: string): KubeObject {
  const metadata = { name, namespace: 'team', annotations: { 'keelson.dev/serving-cert-secret': secret } };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { type: 'ExternalName', externalName: 'localhost' } };
}

async function touch(api: ApiServer, name: string): Promise<void> {
  await api.client.patch(resources.services, { namespace: 'team', name }, { type: 'merge', body: { metadata: { labels: { touched: String(Date.now()) } } } });
}

function webhookConfiguration(port: number): KubeObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'hook', annotations: { 'keelson.dev/inject-ca-from': 'team/hook-tls' } },
    webhooks: [{
      name: 'hook.example.test', sideEffects: 'None', admissionReviewVersions: ['v1'], timeoutSeconds: 5, failurePolicy: 'Fail',
      clientConfig: { service: { namespace: 'team', name: 'hook', port } },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
    }],
  };
}

function convertedCrd(): KubeObject {
  const version = (name: string, storage: boolean) => ({ name, storage, served: true, schema: { openAPIV3Schema: { type: 'object' } } });
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.test', annotations: { 'keelson.dev/inject-ca-from': 'team/converter-tls' } },
    spec: {
      group: 'example.test', scope: 'Namespaced', names: { kind: 'Thing', plural: 'things', singular: 'thing', listKind: 'ThingList' },
      versions: [version('v1', true), version('v2', false)],
      conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: { service: { namespace: 'team', name: 'converter' } } } },
    },
  };
}

/** A webhook that allows everything. */
async function listen(secret: Secret, called: (uid: string) => void): Promise<Server> {
  const server = createServer({ cert: text(secret, 'tls.crt'), key: text(secret, 'tls.key') }, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { uid } = (JSON.parse(body) as { request: { uid: string } }).request;
      called(uid);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: true } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return server;
}

/** Where each kind keeps the CA that the API server or Cluster API trusts when it calls, and the patch that puts ours there. */
import { annotations } from '../../api/labels.ts';
import { type KubeObject, type ObjectRef, parseKey, resources, type Resource } from '../../kube/index.ts';

export interface JsonPatch {
  readonly op: 'add' | 'test';
  readonly path: string;
  readonly value: unknown;
}

export interface InjectedKind {
  readonly resource: Resource;
  /** Operations that bring an object to the bundle (base64); none when it has it everywhere. */
  readonly patch: (object: KubeObject, caBundle: string) => readonly JsonPatch[];
  /** What the cache keeps of an object: CRDs and webhook configurations are large and many. */
  readonly keep: (object: KubeObject) => Readonly<Record<string, unknown>>;
}

interface ClientConfig {
  readonly caBundle?: string;
}

/** The API server asks for every kind below but ExtensionConfig, which Cluster API's Runtime SDK reads. */
export const injectedKinds: readonly InjectedKind[] = [
  webhooks(resources.mutatingWebhookConfigurations),
  webhooks(resources.validatingWebhookConfigurations),
  single(resources.customResourceDefinitions, ['spec', 'conversion', 'webhook', 'clientConfig']),
  single(resources.apiServices, ['spec']),
  single(resources.extensionConfigs, ['spec', 'clientConfig']),
];

/** The Secret whose CA an object asks for, by its annotation `<namespace>/<secret>`; undefined where it asks for none. */
export function injectFrom(object: KubeObject): Required<ObjectRef> | undefined {
  const { namespace, name } = parseKey(object.metadata.annotations?.[annotations.injectCaFrom] ?? '');
  return namespace && name ? { namespace, name } : undefined;
}

/** Entries are found by their place, so each patch first tests that the place still holds the entry of that name. */
function webhooks(resource: Resource): InjectedKind {
  const entries = (object: KubeObject) => (object['webhooks'] ?? []) as readonly { readonly name: string; readonly clientConfig?: ClientConfig }[];
  return {
    resource,
    keep: (object) => ({ webhooks: entries(object).map(({ name, clientConfig }) => ({ name, clientConfig: { caBundle: clientConfig?.caBundle } })) }),
    patch: (object, caBundle) =>
      entries(object).flatMap(({ name, clientConfig }, i): JsonPatch[] =>
        clientConfig?.caBundle === caBundle ? [] : [
          { op: 'test', path: `/webhooks/${i}/name`, value: name },
          { op: 'add', path: `/webhooks/${i}/clientConfig/caBundle`, value: caBundle },
        ]),
  };
}

function single(resource: Resource, path: readonly string[]): InjectedKind {
  const configOf = (object: KubeObject) =>
    path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined), object) as ClientConfig | undefined;
  return {
    resource,
    keep: (object) => {
      const config = configOf(object);
      return config ? nest(path, { caBundle: config.caBundle }) : {};
    },
    patch: (object, caBundle) => {
      const config = configOf(object);
      return !config || config.caBundle === caBundle ? [] : [{ op: 'add', path: `/${path.join('/')}/caBundle`, value: caBundle }];
    },
  };
}

/** nest(['a', 'b'], x) → { a: { b: x } } */
function nest(path: readonly string[], value: unknown): Record<string, unknown> {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<string, unknown>;
}

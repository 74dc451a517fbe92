/** Puts our CA into every object that asks for it: one small controller per kind. */
import { Controller, keyOf, type KubeObject, type ReconcileResult, Reflector, type Request, resources, source } from '../../kube/index.ts';
import type { OperatorContext } from '../context.ts';
import { ServedReflector } from '../served.ts';
import type { Secret } from './authority.ts';
import { fieldManager } from './names.ts';
import { injectFrom, type InjectedKind } from './injection.ts';

/** How soon a Secret that is not there, and that is none of ours to be told of, is looked for again. */
const missingSecretMs = 5000;

export function injectionController(context: OperatorContext, kind: InjectedKind, secrets: Reflector<Secret>): Controller {
  const reflector = new Reflector<KubeObject>({
    ...context, resource: kind.resource,
    observer: context.metrics?.reflectorObserver(kind.resource.plural),
    transform: (object) => (injectFrom(object) ? { apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata, ...kind.keep(object) } : undefined),
  });
  const objects = new ServedReflector(reflector, context);
  return new Controller({
    ...context,
    name: `certificates-inject-${kind.resource.plural}`,
    sources: [
      source({ reflector: objects }),
      source({ reflector: secrets, keys: (secret) => objects.items().filter((o) => asksFor(o, secret)).map((o) => keyOf(o.metadata)) }),
    ],
    reconcile: (request, signal) => reconcile({ context, kind, objects, secrets }, request, signal),
  });
}

interface Injection {
  readonly context: OperatorContext;
  readonly kind: InjectedKind;
  readonly objects: ServedReflector<KubeObject>;
  readonly secrets: Reflector<Secret>;
}

async function reconcile({ context, kind, objects, secrets }: Injection, request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
  const { client, log } = context;
  const object = objects.get(request);
  const from = object && injectFrom(object);
  if (!object || !from) return;

  const secret = secrets.get(from) ?? await client.get<Secret>(resources.secrets, from, { signal });
  const caBundle = secret?.data?.['ca.crt'];
  if (caBundle === undefined) return { requeueAfterMs: missingSecretMs };

  const body = kind.patch(object, caBundle);
  if (body.length === 0) return;
  await client.patch(kind.resource, request, { type: 'json', body, fieldManager, signal });
  log.info({ kind: kind.resource.kind, name: request.name, secret: keyOf(from) }, 'CA injected');
}

function asksFor(object: KubeObject, secret: Secret): boolean {
  const from = injectFrom(object);
  return from !== undefined && keyOf(from) === keyOf(secret.metadata);
}

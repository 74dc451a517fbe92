/** The controllers of `certificates`. */
import { type Controller, Reflector, resources } from '../../kube/index.ts';
import type { OperatorContext } from '../context.ts';
import type { Secret } from './authority.ts';
import { injectedKinds } from './injection.ts';
import { injectionController } from './injection-controller.ts';
import { certificateLabel } from './names.ts';
import { servingController } from './serving-controller.ts';

/** One for serving certificates and one per kind that gets the CA; they share the watch of our Secrets. */
export function certificateControllers(context: OperatorContext): Controller[] {
  const secrets = new Reflector<Secret>({
    ...context, resource: resources.secrets, labelSelector: certificateLabel,
    observer: context.metrics?.reflectorObserver('secrets of certificates'),
    // Private keys stay out of the cache: whoever needs one reads it from the API server.
    transform: (secret) => ({ ...secret, data: secret.data?.['ca.crt'] === undefined ? {} : { 'ca.crt': secret.data['ca.crt'] } }),
  });
  return [servingController(context, secrets), ...injectedKinds.map((kind) => injectionController(context, kind, secrets))];
}

/** What is in a cluster's encryption Secret: the EncryptionConfiguration of its API servers, with a key that is drawn once. */
import { randomBytes } from 'node:crypto';

/** A key of secretbox (XSalsa20 and Poly1305). https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/#providers */
const keyBytes = 32;

/**
 * JSON, which the API server reads as YAML. Secrets alone: what else is worth hiding does not belong into ConfigMaps.
 * `identity` comes last, so that what was stored in the clear can still be read.
 * @param draw gives that many random bytes
 */
export function encryptionConfiguration(draw: (bytes: number) => Buffer = randomBytes): string {
  const key = { name: 'key1', secret: draw(keyBytes).toString('base64') };
  return `${JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [{ resources: ['secrets'], providers: [{ secretbox: { keys: [key] } }, { identity: {} }] }],
  })}\n`;
}

/** Keeps what logs in out of what people read: clouds repeat parts of requests in their refusals, and some repeat too much. */
import type { Cloud } from './clouds.ts';

/** Shorter ones would blank out ordinary words. */
const shortest = 6;

/** @returns a function that replaces these secrets, and anything that looks like a token, by `***` */
export function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const known = secrets.filter((secret) => secret !== undefined && secret.length >= shortest) as string[];
  return (text) => known.reduce((shown, secret) => shown.replaceAll(secret, '***'), text).replace(/\bgAAAA[\w-]{10,}={0,2}/g, '***');
}

export function secretsOf(cloud: Cloud): readonly (string | undefined)[] {
  return [cloud.auth.password, cloud.auth.application_credential_secret];
}

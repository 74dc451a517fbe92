/** Passwords, application credential secrets and tokens: made from the system's randomness, kept as hashes. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SecretHash } from './records.ts';

/** 43 characters of URL-safe base64: 256 bits. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Looks like a Fernet token, as clients log and truncate them. */
export function newToken(): string {
  return `gAAAAA${randomBytes(48).toString('base64url')}`;
}

export function tokenId(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function hashSecret(secret: string): SecretHash {
  const salt = randomBytes(16).toString('hex');
  return { salt, hash: digest(salt, secret) };
}

export function isSecret(secret: string, known: SecretHash): boolean {
  return timingSafeEqual(Buffer.from(digest(known.salt, secret), 'hex'), Buffer.from(known.hash, 'hex'));
}

function digest(salt: string, secret: string): string {
  return createHash('sha256').update(`${salt}:${secret}`).digest('hex');
}

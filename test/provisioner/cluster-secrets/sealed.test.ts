import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { open, seal as sealWithCost } from '../../../provisioner/cluster-secrets/sealed.ts';

const passphrase = 'correct horse battery';
/** The cheapest that is accepted: the default takes half a second of a quiet core each time. */
const seal = (text: string): Promise<string> => sealWithCost(text, passphrase, 16_384);
let secret: string;
beforeAll(async () => { secret = await seal('secret'); }, 60_000);

describe('a sealed file', () => {
  test('opens with its passphrase alone', async () => {
    const text = JSON.stringify({ key: 'ä'.repeat(5000) });
    const sealed = await seal(text);
    expect(await open(sealed, passphrase)).toBe(text);
    expect(sealed).not.toContain('key"');
    await expect(open(sealed, `${passphrase}!`)).rejects.toMatchObject({ code: 'SEALED_CANNOT_OPEN' });
  });

  test('differs each time, and is text that survives mail', async () => {
    const [a, b] = [await seal('x'), await seal('x')];
    expect(a).not.toBe(b);
    expect(a).toMatch(/^keelson-sealed v1\n\{[\x20-\x7e]+\}\n([A-Za-z0-9+/=]{1,76}\n)+$/);
  });

  test.each([
    // The first character of the content: of the last one some bits mean nothing in base64.
    ['a changed byte', (text: string) => text.replace(/(?<=\}\n)./, (first) => (first === 'A' ? 'B' : 'A')), 'SEALED_CANNOT_OPEN'],
    ['other costs', (text: string) => text.replace('"n":16384', '"n":32768'), 'SEALED_CANNOT_OPEN'],
    ['costs that would take all memory', (text: string) => text.replace('"n":16384', '"n":1073741824'), 'SEALED_NOT_SEALED'],
    ['its end cut off', (text: string) => text.split('\n').slice(0, 2).join('\n'), 'SEALED_NOT_SEALED'],
    ['something else', () => 'apiVersion: v1\n', 'SEALED_NOT_SEALED'],
  ])('with %s is refused', async (_what, change, code) => {
    await expect(open(change(secret), passphrase)).rejects.toMatchObject({ code });
  });

  test('takes no short passphrase', async () => expect(sealWithCost('x', 'short')).rejects.toMatchObject({ code: 'SEALED_WEAK_PASSPHRASE' }));

  test('is opened without us: its key by the hashlib of Python, its content by the cipher its header names', async () => {
    const sealed = secret;
    const header = JSON.parse(sealed.split('\n')[1]!) as { n: number; r: number; p: number; salt: string };
    const script = `import hashlib,base64;print(hashlib.scrypt(b'${passphrase}',salt=base64.b64decode('${header.salt}'),n=${header.n},r=${header.r},p=${header.p},maxmem=2**28,dklen=32).hex())`;
    const key = Buffer.from(execFileSync('python3', ['-c', script], { encoding: 'utf8' }).trim(), 'hex');
    const { createDecipheriv } = await import('node:crypto');
    const [first, second, ...rest] = sealed.split('\n');
    const body = Buffer.from(rest.join(''), 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from((JSON.parse(second!) as { nonce: string }).nonce, 'base64'));
    decipher.setAAD(Buffer.from(`${first}\n${second}\n`)).setAuthTag(body.subarray(-16));
    expect(decipher.update(body.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8')).toBe('secret');
  });
});

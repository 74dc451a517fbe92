/** Every byte of every certificate of the zoo, changed to every third other value. */
import { X509Certificate } from 'node:crypto';
import { describeWith } from '../../fixtures/needs.ts';
import { OpenSsl } from './openssl.ts';
import { disagreements, zoo } from './zoo.ts';

describeWith({ commands: ['openssl'] }, 'certificates damaged in every way', () => {
  const openssl = new OpenSsl();
  afterAll(() => openssl.remove());
  const changes = Array.from({ length: 85 }, (_, i) => 3 * i + 1);

  test.each(Object.entries(zoo(openssl)))('%s: we accept what node:crypto accepts, with the same words', (name, make) => {
    expect(disagreements(name, new X509Certificate(make()).raw, changes)).toEqual([]);
  }, 600_000);
});

/** Every byte of every certificate of the zoo, changed to every other value. */
import { X509Certificate } from 'node:crypto';
import { describeWith } from '../../fixtures/needs.ts';
import { OpenSsl } from './openssl.ts';
import { disagreements, zoo } from './zoo.ts';

describeWith({ commands: ['openssl'] }, 'certificates damaged in every way', () => {
  const openssl = new OpenSsl();
  afterAll(() => openssl.remove());
  const everyChange = Array.from({ length: 255 }, (_, i) => i + 1);

  test.each(Object.entries(zoo(openssl)))('%s: we accept what node:crypto accepts, with the same words', (name, make) => {
    expect(disagreements(name, new X509Certificate(make()).raw, everyChange)).toEqual([]);
  }, 600_000);
});

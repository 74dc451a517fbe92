import fc from 'fast-check';
import { leaves, redact } from '../../../provisioner/helm/index.ts';

describe('redact', () => {
  it('masks a secret, its base64 form and its JSON-escaped form', () => {
    const secret = 'line one\nline "two"';
    const text = `${secret} | ${Buffer.from(secret).toString('base64')} | ${JSON.stringify(secret)}`;
    expect(redact(text, [secret])).toBe('[redacted] | [redacted] | "[redacted]"');
  });

  it('never lets a known secret through, whatever stands around it', () => {
    fc.assert(fc.property(fc.string({ minLength: 6 }), fc.string(), fc.string(), fc.array(fc.string()), (secret, before, after, others) => {
      fc.pre(!'[redacted]'.includes(secret));
      expect(redact(before + secret + after, [...others, secret]).split('[redacted]').join('\n')).not.toContain(secret);
    }));
  });

  it('masks what looks like a key although nobody named it', () => {
    const text = 'x -----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY----- Bearer abcdefgh123 eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln token: sometoken123';
    expect(redact(text, [])).toBe('x [redacted] Bearer [redacted] [redacted] token: [redacted]');
  });

  it('leaves ordinary messages alone', () => {
    const text = 'secrets "foo-cloud-config" not found; deployments.apps "web" is forbidden: User "system:anonymous" cannot patch';
    expect(redact(text, [])).toBe(text);
  });

  it('does not mask short values, which occur by chance', () => {
    expect(redact('zone az1 is true', leaves({ a: 'az1', b: true }))).toBe('zone az1 is true');
  });
});

describe('leaves', () => {
  it('finds strings and numbers at any depth', () => {
    expect(leaves({ a: 'x', b: [{ c: 'y' }, 7], d: null, e: true })).toEqual(['x', 'y', '7']);
  });
});

import { authorityPlan, authoritySecret, readAuthority, successor, type Authority } from '../../../../provisioner/operators/certificates/authority.ts';
import { caLifeMs, issueCa, readBundle, readCertificate } from '../../../../provisioner/operators/certificates/x509.ts';

const start = new Date('2026-01-01T00:00:00Z');
const day = 24 * 3_600_000;
const after = (ms: number) => new Date(start.getTime() + ms);

async function created(at = start): Promise<Authority> {
  return successor(undefined, { kind: 'create' }, await issueCa(at), at);
}

/** Carries out whatever is planned, once. */
async function step(authority: Authority, now: Date): Promise<Authority> {
  const plan = authorityPlan(authority, now);
  return successor(authority, plan, plan.kind === 'addNext' ? await issueCa(now) : undefined, now);
}

describe('the CA', () => {
  it('is made once and then kept', async () => {
    expect(authorityPlan(undefined, start)).toEqual({ kind: 'create' });
    expect(authorityPlan(await created(), after(8 * 365 * day))).toEqual({ kind: 'keep' });
  });

  it('lives ten years', async () => {
    const { current } = await created();
    expect(readCertificate(current.certificate)?.validToDate).toEqual(after(caLifeMs));
    expect(caLifeMs).toBe(3650 * day);
  });

  it('gets a successor a year before its end, trusted at once and signing a day later', async () => {
    const authority = await created();
    const due = after(caLifeMs - 365 * day);
    const announced = await step(authority, due);
    expect(announced.current).toEqual(authority.current);
    expect(readBundle(announced.bundle)).toHaveLength(2);
    expect(authorityPlan(announced, new Date(due.getTime() + day / 2))).toEqual({ kind: 'keep' });

    const promoted = await step(announced, new Date(due.getTime() + day));
    expect(promoted.current).toEqual(announced.next);
    expect(promoted.next).toBeUndefined();
    expect(readBundle(promoted.bundle)).toHaveLength(2);
  });

  it('drops the old certificate from the bundle once it has expired', async () => {
    const due = after(caLifeMs - 365 * day);
    const promoted = await step(await step(await created(), due), new Date(due.getTime() + day));
    const later = after(caLifeMs + day);
    expect(authorityPlan(promoted, later)).toEqual({ kind: 'prune' });
    expect(readBundle((await step(promoted, later)).bundle)).toHaveLength(1);
  });

  it('promotes at once when the old CA has expired meanwhile', async () => {
    const late = await step(await created(), after(caLifeMs + day));
    expect(authorityPlan(late, after(caLifeMs + day))).toEqual({ kind: 'promote' });
  });

  it('survives the way through its Secret', async () => {
    const authority = await step(await created(), after(caLifeMs - 365 * day));
    expect(readAuthority(authoritySecret(authority, 'keelson-system'))).toEqual(authority);
  });

  it('is not replaced when its Secret cannot be read', () => {
    const broken = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keelson-ca' }, data: { 'tls.crt': 'bm8=', 'tls.key': 'bm8=' } };
    expect(() => readAuthority(broken)).toThrow(expect.objectContaining({ code: 'CA_UNREADABLE' }));
  });
});

/** Cilium's own parser and `Sanitize` accept every policy that is generated, NetworkPolicies too. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { catalogue } from '../../../policies/network/contracts/catalogue.ts';
import { generate } from '../../../policies/network/generate/bundle.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { Oracle } from './oracle/oracle.ts';

describeWith({ tools: ['cilium-oracle'] }, 'generated policies and Cilium', () => {
  let oracle: Oracle;
  beforeAll(() => {
    oracle = new Oracle();
  });
  afterAll(() => oracle.stop());

  const kinds = [{ kind: 'cilium', hosts: 'audit' }, { kind: 'cilium', hosts: 'enforce' }, { kind: 'kubernetes' }] as const;
  test.each(kinds.flatMap((one) => (['workload', 'management'] as const).map((cluster) => ({ ...one, cluster }))))('%j: none is refused', async ({ cluster, ...one }) => {
    const { policies } = generate(catalogue({ cluster }), { ...one, tenants: ['org-demo'] });
    const errors = await oracle.sanitize(policies);
    expect(errors).toHaveLength(policies.length);
    expect(errors.filter((error) => error !== '')).toEqual([]);
  });

  test('a wrong one is refused: the judge judges', async () => {
    const [error] = await oracle.sanitize([{ apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata: { name: 'wrong', namespace: 'org-demo' }, spec: { endpointSelector: {}, ingress: [{ fromEntities: ['moon'] }] } }]);
    expect(error).toContain('moon');
  });
});

import { catalogueOf } from '../../../policies/network/contracts/catalogue.ts';
import { check } from '../../../policies/network/check/check.ts';
import type { Finding } from '../../../policies/findings/finding.ts';
import { parseManifests } from '../../../policies/network/world/manifest.ts';
import { mistakes, shop } from './mistakes.ts';

/** No contracts: what is found, is found in the manifests. */
const findings = (policy: string): readonly Finding[] => check([...parseManifests('shop.yaml', shop), ...parseManifests('policy.yaml', policy)], { catalogue: catalogueOf([]) }).findings;

describe('mistakes of real projects', () => {
  test('the shop without policies has none', () => {
    expect(findings('')).toEqual([]);
  });

  test.each(mistakes)('$rule: $source', ({ rule, path, fix, policy, repaired }) => {
    const found = findings(policy).filter((finding) => finding.rule === `network/${rule}`);
    expect(found).toEqual([expect.objectContaining({ path, fix: expect.stringContaining(fix) as string })]);
    expect(findings(repaired)).toEqual([]);
  });

  test('a finding says where: file, document, object, path', () => {
    const [finding] = findings(`---\n---\n${mistakes[0]!.policy}`);
    expect(finding).toMatchObject({ source: { file: 'policy.yaml', document: 2, line: 3 }, object: { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'policy' }, path: 'spec.ingress[0].toPorts' });
    expect(finding!.message).toBe('80/TCP is the port of Service shop/web; its pods listen on 8080, and policies see that one');
  });
});

describe('what is no manifest is named with its place', () => {
  test.each([
    ['a: [', 'x.yaml, line 1: not YAML'],
    ['kind: Pod', 'x.yaml, document 1: apiVersion is missing'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {}', 'x.yaml, document 1: metadata.name is missing in this Pod'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n- 1', 'x.yaml, document 2: the document is not an object of Kubernetes'],
    ['apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod, metadata: {name: a}}, {apiVersion: v1}]', 'x.yaml, document 1: items[1].kind is missing'],
  ])('%j', (text, message) => {
    expect(() => parseManifests('x.yaml', text)).toThrow(expect.objectContaining({ code: 'NETWORK_BAD_MANIFEST', message: expect.stringContaining(message) as string }));
  });
});

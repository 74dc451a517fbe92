import { mergeValues } from '../../../provisioner/helm/index.ts';

describe('mergeValues', () => {
  it('merges objects, replaces lists and lets later layers win', () => {
    const merged = mergeValues({ a: { x: 1, y: [1, 2] }, b: 1 }, { a: { y: [3], z: null } }, { b: { c: 2 } });
    expect(merged).toEqual({ a: { x: 1, y: [3], z: null }, b: { c: 2 } });
  });

  it('leaves its arguments as they were', () => {
    const base = Object.freeze({ a: Object.freeze({ x: 1 }) });
    mergeValues(base, { a: { x: 2 } });
    expect(base).toEqual({ a: { x: 1 } });
  });
});

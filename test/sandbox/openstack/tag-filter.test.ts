/** The four tag filters against their definition in the Networking API's words. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasTags } from '../../../sandbox/openstack/neutron/tag-filter.ts';

const tag = fc.constantFrom('a', 'b', 'c', 'd', 'cluster-uid=1');
const tags = fc.uniqueArray(tag);
const some = fc.uniqueArray(tag, { minLength: 1 });

const query = (filters: Record<string, readonly string[]>): URLSearchParams => new URLSearchParams(Object.entries(filters).map(([name, list]) => [name, list.join(',')] as [string, string]));

test('tags asks for all, tags-any for one', () => {
  fc.assert(fc.property(tags, some, (have, asked) => {
    expect(hasTags(have, query({ tags: asked }))).toBe(asked.every((one) => have.includes(one)));
    expect(hasTags(have, query({ 'tags-any': asked }))).toBe(asked.some((one) => have.includes(one)));
  }));
});

test('the filters with not- are the opposites', () => {
  fc.assert(fc.property(tags, some, (have, asked) => {
    expect(hasTags(have, query({ 'not-tags': asked }))).toBe(!hasTags(have, query({ tags: asked })));
    expect(hasTags(have, query({ 'not-tags-any': asked }))).toBe(!hasTags(have, query({ 'tags-any': asked })));
  }));
});

test('several filters must all hold', () => {
  fc.assert(fc.property(tags, some, some, (have, all, none) => {
    const both = query({ tags: all, 'not-tags-any': none });
    expect(hasTags(have, both)).toBe(hasTags(have, query({ tags: all })) && hasTags(have, query({ 'not-tags-any': none })));
  }));
});

test('without a filter everything is listed, and a thing without tags has none', () => {
  expect(hasTags(['a'], new URLSearchParams())).toBe(true);
  expect(hasTags(undefined, query({ tags: ['a'] }))).toBe(false);
  expect(hasTags(undefined, query({ 'not-tags': ['a'] }))).toBe(true);
});

test('order and repetition of what is asked for do not matter', () => {
  fc.assert(fc.property(tags, some, (have, asked) => {
    expect(hasTags(have, query({ tags: [...asked, ...asked].reverse() }))).toBe(hasTags(have, query({ tags: asked })));
  }));
});

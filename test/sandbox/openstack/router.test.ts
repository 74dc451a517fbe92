import { expect, test } from '@jest/globals';
import { createRouter } from '../../../sandbox/openstack/http/router.ts';

const route = (method: string, path: string) => ({ method, path, handle: () => ({ status: 200 }) });
const find = createRouter([route('GET', '/'), route('GET', '/v2.1/flavors/detail'), route('GET', '/v2.1/flavors/:id'), route('PUT', '/v2.0/:collection/:id/tags/:tag')]);

test('the first route that matches wins, and a trailing slash changes nothing', () => {
  expect(find('GET', '/v2.1/flavors/detail')?.route.path).toBe('/v2.1/flavors/detail');
  expect(find('GET', '/v2.1/flavors/detail/')?.route.path).toBe('/v2.1/flavors/detail');
  expect(find('GET', '/')?.route.path).toBe('/');
});

test('parameters are decoded', () => {
  expect(find('PUT', '/v2.0/ports/1/tags/a%2Fb')?.params).toEqual({ collection: 'ports', id: '1', tag: 'a/b' });
  expect(find('GET', '/v2.1/flavors/%zz')?.params).toEqual({ id: '%zz' });
});

test('another method, or one segment more, is no match', () => {
  expect(find('POST', '/v2.1/flavors/1')).toBeUndefined();
  expect(find('GET', '/v2.1/flavors/1/more')).toBeUndefined();
});

import { alertmanagerConfig, defaultRouting, receiversOf } from '../../monitoring/routes/config.ts';
import type { Route } from '../../monitoring/routes/model.ts';

const { route, receivers } = alertmanagerConfig({ ...defaultRouting, pagerUrl: 'http://pager/x' });

test.each([[{ severity: 'page' }, 'pager'], [{ severity: 'notify' }, 'notices'], [{ severity: 'none' }, 'unrouted'], [{}, 'unrouted']])('%p goes to %s', (labels, receiver) => {
  expect(receiversOf(route, labels as { [label: string]: string })).toEqual([receiver]);
});

test('a receiver without an address keeps alerts in Alertmanager', () => {
  expect(receivers).toEqual([{ name: 'unrouted' }, { name: 'pager', webhook_configs: [{ url: 'http://pager/x', send_resolved: true }] }, { name: 'notices' }]);
});

test('continue, nesting and all operators walk as in Alertmanager', () => {
  const tree: Route = {
    receiver: 'root',
    routes: [
      { receiver: 'all', matchers: ['a=~"x|y"'], continue: true },
      { receiver: 'first', matchers: ['a="x"', 'b!="no"'], routes: [{ receiver: 'inner', matchers: ['c!~"skip.*"'] }] },
      { receiver: 'later', matchers: ['a="x"'] },
    ],
  };
  expect(receiversOf(tree, { a: 'x', c: 'run' })).toEqual(['all', 'inner']);
  expect(receiversOf(tree, { a: 'x', c: 'skipped' })).toEqual(['all', 'first']);
  expect(receiversOf(tree, { a: 'x', b: 'no' })).toEqual(['all', 'later']);
  expect(receiversOf(tree, { a: 'xx' })).toEqual(['root']);
});

test('a matcher that is none is an error', () => {
  expect(() => receiversOf({ receiver: 'r', routes: [{ matchers: ['oops'] }] }, {})).toThrow('not label=value');
});

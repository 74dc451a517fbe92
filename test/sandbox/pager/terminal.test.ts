import { renderTerminal } from '../../../sandbox/pager/index.ts';
import { inOrder, type Page } from '../../../sandbox/pager/page.ts';
import { pagesAfter } from '../../../sandbox/pager/webhook.ts';
import { ownRunbook, runbookLink } from '../../../sandbox/pager/runbooks.ts';
import { alert } from './payload.ts';

const now = new Date('2026-11-25T12:05:10Z');
const pageOf = (changes: object): Page => pagesAfter({ version: '4', alerts: [{ ...alert, ...changes }] }, () => undefined, now)[0]!;

test('pages read well on a terminal of eighty columns', () => {
  const pages = inOrder([
    pageOf({ fingerprint: 'a', status: 'resolved', endsAt: '2026-11-25T10:00:40Z' }),
    pageOf({ fingerprint: 'b', labels: { alertname: 'ApiDown', severity: 'critical', cluster: 'demo' }, annotations: { summary: 'The API server of cluster demo has not answered for five minutes from outside, while its nodes are up', runbook_url: 'https://wiki.example.org/api-down' } }),
  ]);
  expect(renderTerminal(pages, { now, baseUrl: 'http://127.0.0.1:9099' })).toBe(`1 open page, 1 resolved

CRITICAL  ApiDown  cluster demo  firing for 2 h 5 min
          The API server of cluster demo has not answered for five minutes from
          outside, while its nodes are up
          Runbook: https://wiki.example.org/api-down

RESOLVED  CertificateExpiresSoon  cluster demo  after 40 s
          kubelet-client.crt on demo-md-0-abc expires in 23 h
          Runbook: http://127.0.0.1:9099/runbooks/certificate-expires-soon`);
});

test('without pages there is one line', () => {
  expect(renderTerminal([], { now, baseUrl: '' })).toBe('No open pages');
});

test('escape sequences of foreign text do not reach the terminal', () => {
  const shown = renderTerminal([pageOf({ annotations: { summary: 'a\u001b[2Jb\u009bc' } })], { now, baseUrl: '' });
  expect(shown).not.toMatch(/[\u001b\u009b]/);
});

test('colour is only used when asked for', () => {
  expect(renderTerminal([pageOf({})], { now, baseUrl: '', color: true })).toContain('\u001b[33mWARNING');
});

test.each([
  ['/runbooks/x', 'x'], ['https://a.example/docs/runbooks/x-y.md', 'x-y'], ['/runbooks/../x', undefined], ['/runbooks/a/b', undefined], ['https://a.example/x', undefined], [undefined, undefined],
])('the runbook behind %s is %s', (url, name) => {
  expect(ownRunbook(url)).toBe(name);
});

test('a runbook that is no web address gets no link', () => {
  expect(runbookLink('javascript:alert(1)')).toBeUndefined();
  expect(runbookLink('see the wiki')).toBeUndefined();
});

import { gzipSync } from 'node:zlib';
import { instanceData } from '../../../../sandbox/machines/cloud-init/instance-data.ts';
import { renderTemplate } from '../../../../sandbox/machines/cloud-init/jinja.ts';
import { parseUserData } from '../../../../sandbox/machines/cloud-init/user-data.ts';

const variables = instanceData({ uuid: 'i-1', name: 'demo-cp', hostname: 'demo-cp.novalocal', availability_zone: 'az1' });

describe('templates', () => {
  test.each([
    ['{{ ds.meta_data.local_hostname }}', 'demo-cp.novalocal'],
    ['{{ local_hostname }}', 'demo-cp'],
    ['{{ v1.local_hostname }}', 'demo-cp'],
    ['{{ instance_id }} {{ds.meta_data.instance_id}} {{ ds.meta_data["instance-id"] }}', 'i-1 i-1 i-1'],
    ['openstack:///{{ instance_id }}', 'openstack:///i-1'],
    ['{{ v1.availability_zone }}{# a comment #}', 'az1'],
    ["{{ ds.meta_data.nothing | default('some thing') }}", 'some thing'],
    ['{% raw %}{{ .Values.image }}{% endraw %}', '{{ .Values.image }}'],
    ['no variables { } at all', 'no variables { } at all'],
  ])('%s becomes %s', (template, expected) => {
    expect(renderTemplate(template, variables)).toBe(expected);
  });

  test.each(['{{ ds.meta_data.nothing }}', '{{ 1 + 1 }}', '{{ name | upper }}', '{% if true %}x{% endif %}', '{{ constructor.name }}'])('%s is refused, not guessed', (template) => {
    expect(() => renderTemplate(template, variables)).toThrow(expect.objectContaining({ code: 'TEMPLATE' }));
  });
});

describe('user data', () => {
  const parse = (text: string | Buffer) => parseUserData(Buffer.from(text), variables);

  test('a cloud-config is YAML', () => {
    expect(parse('#cloud-config\nruncmd: [ls]\n')).toEqual([{ kind: 'config', config: { runcmd: ['ls'] } }]);
  });

  test('a template is rendered before it is read', () => {
    expect(parse('## template: jinja\n#cloud-config\nhostname: {{ local_hostname }}\n')).toEqual([{ kind: 'config', config: { hostname: 'demo-cp' } }]);
  });

  test('without the template line braces stay', () => {
    expect(parse('#cloud-config\nhostname: "{{ local_hostname }}"\n')).toEqual([{ kind: 'config', config: { hostname: '{{ local_hostname }}' } }]);
  });

  test('compressed user data is read', () => {
    expect(parse(gzipSync('#!/bin/sh\nls\n'))).toEqual([{ kind: 'script', text: '#!/bin/sh\nls\n' }]);
  });

  test('a multi-part message has a part of each kind', () => {
    const message = ['Content-Type: multipart/mixed; boundary="==X=="', 'MIME-Version: 1.0', '', '--==X==', 'Content-Type: text/cloud-config', '', '#cloud-config', 'a: 1', '--==X==', 'Content-Type: text/x-shellscript', 'Content-Transfer-Encoding: base64', '', Buffer.from('#!/bin/sh\nls\n').toString('base64'), '--==X==--', ''].join('\n');
    expect(parse(message)).toEqual([{ kind: 'config', config: { a: 1 } }, { kind: 'script', text: '#!/bin/sh\nls\n' }]);
  });

  test('what it cannot run is said', () => {
    expect(parse('hello')).toEqual([{ kind: 'ignored', why: expect.stringContaining('Unhandled non-multipart') as string }]);
    expect(parse('')).toEqual([]);
  });

  test.each(['#cloud-config\na: [', '#cloud-config\n- a list\n'])('%j is an error with a code', (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'USER_DATA' }));
  });
});

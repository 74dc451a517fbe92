import { block, expression, helmText, items } from '../../../charts/render/upstream/helm-text.ts';

const manifest = (spec: object) => ({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a' }, spec });

test('placeholders become Helm expressions, what upstream wrote in braces stays text', () => {
  expect(helmText([manifest({ replicas: expression('.Values.core.replicas'), arg: `--v=${expression('.Values.core.verbosity')}`, text: 'a template: {{ .cluster.name }}' })])).toBe(`apiVersion: v1
kind: Thing
metadata:
  name: a
spec:
  replicas: {{ .Values.core.replicas }}
  arg: --v={{ .Values.core.verbosity }}
  text: "a template: {{ "{{" }} .cluster.name }}"
`);
});

test('blocks and items are written below their key, at their indent', () => {
  expect(helmText([manifest({ resources: block('.Values.r', 4), args: ['--a', items('.Values.more', 4)] })], '.Values.on')).toBe(`{{- if .Values.on }}
apiVersion: v1
kind: Thing
metadata:
  name: a
spec:
  resources:
{{ toYaml .Values.r | indent 4 }}
  args:
    - --a
{{- with .Values.more }}
{{ toYaml . | indent 4 }}
{{- end }}
{{- end }}
`);
});

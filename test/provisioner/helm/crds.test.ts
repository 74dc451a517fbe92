import { chartCrds, mayHaveCrds } from '../../../provisioner/helm/index.ts';

const crd = (name: string) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${name}}
spec: {group: a.test, scope: Namespaced, names: {kind: A, plural: as}, versions: [{name: v1, served: true, storage: true}]}
`;
const part = (file: string, text: string) => `---\n# Source: ${file}\n${text}\n`;
const names = (rendered: string) => chartCrds(rendered).map(({ metadata }) => metadata.name);

describe('the CRDs of a chart', () => {
  it('are those of crds/ in the chart and its subcharts, several in one file too, and none of templates/', () => {
    expect(names([
      part('web/crds/a.yaml', `# a comment\n---\n${crd('one')}---\n${crd('two')}`), part('web/charts/sub/crds/deep/b.yaml', crd('three')),
      part('web/templates/crds/c.yaml', crd('of a template')), part('web/templates/d.yaml', 'kind: ConfigMap'),
    ].join(''))).toEqual(['one', 'two', 'three']);
  });

  it('are none where there are none, and nothing else that lies beside them', () => {
    expect(names('')).toEqual([]);
    expect(names(part('web/crds/kustomization.yaml', 'kind: Kustomization'))).toEqual([]);
  });

  it('a file that is none of them is named', () => {
    expect(() => names(part('web/crds/a.yaml', 'a: [') )).toThrow('web/crds/a.yaml of the chart: is no YAML');
    expect(() => names(part('web/crds/a.yaml', 'kind: CustomResourceDefinition'))).toThrow(expect.objectContaining({ code: 'HELM_CHART_INVALID', message: expect.stringContaining('apiVersion, metadata, spec') as string }));
  });

  it.each([
    ['crds/a.yaml', true], ['charts/sub/crds/a.yaml', true], ['charts/sub/charts/deeper/crds/a.yaml', true], ['charts/sub-1.0.0.tgz', true],
    ['templates/crds/a.yaml', false], ['files/crds/a.yaml', false], ['charts/sub/templates/a.yaml', false],
  ])('%s is one of a chart that may have some: %s', (path, may) => {
    expect(mayHaveCrds(new Map([['Chart.yaml', Buffer.of()], [path, Buffer.of()]]))).toBe(may);
  });
});

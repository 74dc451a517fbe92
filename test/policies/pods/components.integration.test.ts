/** Real workloads: our charts, and the components beside them, need exactly the waivers of policies/pods/components.ts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadAll } from 'js-yaml';
import { components } from '../../../policies/pods/components.ts';
import type { Waiver } from '../../../policies/pods/exception.ts';
import { evaluatorOf } from '../../../policies/pods/evaluate.ts';
import type { Fields } from '../../../policies/pods/fields.ts';
import { smallestWaiver } from '../../../policies/pods/review.ts';
import { templateOf, workloadJudge } from '../../../policies/pods/workload.ts';
import { chartNames, template } from '../../fixtures/helm.ts';
import { describeWith } from '../../fixtures/needs.ts';

const standard = { level: 'restricted', version: 'v1.36' } as const;
const judge = workloadJudge(standard);
const root = join(import.meta.dirname, '../../..');

function needed(objects: readonly Fields[], namespace: string): string[] {
  return objects.flatMap((object) => smallestWaiver(judge(object), { namespace, reason: '' }) ?? []).map(brief).sort();
}
const brief = ({ namespace, kind, name, checks }: Waiver): string => `${kind} ${namespace}/${name}: ${[...checks].sort().join(' ')}`;

describeWith({ tools: ['helm'] }, 'our charts', () => {
  const own = components.filter(({ isOurs }) => isOurs);
  const charts = chartNames();

  test('are all judged', () => expect(charts.length).toBeGreaterThan(9));

  test.each(charts)('%s needs exactly the waivers that are committed with reasons', async (chart) => {
    const namespace = chart === 'openstack-cloud-controller-manager' ? 'kube-system' : 'keelson-system';
    const waivers = own.find(({ name }) => name === chart)?.waivers ?? [];
    expect(needed((await template(chart, namespace)) as unknown as Fields[], namespace)).toEqual(waivers.map(brief).sort());
  });

  test('net-exporter needs waivers only with certificates, under another name', async () => {
    const waivers = own.find(({ name }) => name === 'net-exporter, with certificates.enabled')!.waivers;
    expect(needed((await template('net-exporter', 'keelson-system', ['--set', 'certificates.enabled=true'])) as unknown as Fields[], 'keelson-system')).toEqual(waivers.map(brief));
  });

  test("cert-exporter's three waivers are exactly those of its chart", () => {
    expect(own.find(({ name }) => name === 'cert-exporter')?.waivers.map(({ checks }) => checks)).toEqual([['restrictedVolumes', 'runAsNonRoot', 'runAsUser']]);
  });
});

describe('components of others', () => {
  const files: Readonly<Record<string, string>> = {
    'openstack-cloud-controller-manager, as upstream ships it': 'openstack-cloud-controller-manager', cilium: 'cilium', 'coredns, as kubeadm installs it': 'coredns',
    'metrics-server': 'metrics-server', 'kube-state-metrics': 'kube-state-metrics', 'cinder-csi': 'cinder-csi',
  };
  const workloads = (name: string): Fields[] => loadAll(readFileSync(join(root, 'test/fixtures/workloads', `${files[name]}.yaml`), 'utf8')) as Fields[];
  const others = components.filter(({ isOurs }) => !isOurs);

  test('are all there', () => expect(others.map(({ name }) => name).sort()).toEqual(Object.keys(files).sort()));

  test.each(others.map((component) => [component.name, component] as const))('%s: the waivers are enough, and none of their checks can be taken away', (name, { waivers }) => {
    expect(needed(workloads(name), 'kube-system')).toEqual(waivers.map(brief).sort());
    for (const object of workloads(name)) {
      const { template: pod } = templateOf(object)!;
      const broken = new Set(evaluatorOf(standard)(pod).map(({ check }) => check));
      const waiver = waivers.find(({ kind, name: own }) => kind === object['kind'] && own === (object['metadata'] as { name: string }).name);
      for (const check of waiver?.checks ?? []) expect([check, broken.has(check)]).toEqual([check, true]);
    }
  });
});

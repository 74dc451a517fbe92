/**
 * The CRDs in the folders `crds/` of a chart and of those of its subcharts that are switched on. Helm makes them when a release
 * is first installed and never touches them again; with server-side apply (Helm 4) a first installation even takes newer ones
 * back. https://helm.sh/docs/chart_best_practices/custom_resource_definitions/
 */
import { loadAll } from 'js-yaml';
import { z } from 'zod';
import type { ChartFiles } from './chart-files.ts';
import { HelmError } from './errors.ts';

const crd = z.looseObject({
  apiVersion: z.string().startsWith('apiextensions.k8s.io/'),
  kind: z.literal('CustomResourceDefinition'),
  metadata: z.looseObject({ name: z.string(), annotations: z.record(z.string(), z.string()).nullish() }),
  spec: z.looseObject({
    group: z.string(),
    scope: z.string(),
    names: z.looseObject({ kind: z.string(), plural: z.string() }),
    versions: z.array(z.looseObject({ name: z.string(), served: z.boolean(), storage: z.boolean() })),
  }),
});
export type Crd = z.infer<typeof crd>;

/** Helm writes where each part is from (`action.go`, renderResources); parts from crds/ stand there word for word. */
const parts = /^---\n# Source: (.+)\n/m;
const inCrdsFolder = /^[^/]+\/(?:charts\/[^/]+\/)*crds\//;

/**
 * @param rendered what `helm template --include-crds` printed
 * @returns in the order of Helm; what stands in crds/ and is no CRD is left out
 * @throws {HelmError} HELM_CHART_INVALID naming the file
 */
export function chartCrds(rendered: string): readonly Crd[] {
  const [, ...found] = rendered.split(parts);
  return found.flatMap((file, i) => (i % 2 === 0 && inCrdsFolder.test(file) ? crdsOf(file, found[i + 1] ?? '') : []));
}

/** Whether a chart may have any: what lies in it as an archive is not looked into. */
export function mayHaveCrds(files: ChartFiles): boolean {
  return [...files.keys()].some((path) => /^(?:charts\/[^/]+\/)*(?:crds\/|charts\/[^/]+\.tgz$)/.test(path));
}

function crdsOf(file: string, text: string): Crd[] {
  const bad = (why: string, cause?: unknown): HelmError => new HelmError('HELM_CHART_INVALID', `${file} of the chart: ${why}; correct the chart`, { cause });
  let documents: unknown[];
  try {
    documents = loadAll(text);
  } catch (cause) {
    throw bad('is no YAML', cause);
  }
  return documents.filter((one) => (one as { readonly kind?: unknown } | null)?.kind === 'CustomResourceDefinition').map((one) => {
    const read = crd.safeParse(one);
    if (!read.success) throw bad(`is no CustomResourceDefinition of apiextensions.k8s.io/v1 (at ${read.error.issues.map((issue) => issue.path.join('.')).join(', ')})`);
    return read.data;
  });
}

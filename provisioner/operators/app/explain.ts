/** Values that a chart's schema refuses, told with the place where each was set. */
import { HelmError, type Layer, type Origin, provenance, schemaViolations } from '../../helm/index.ts';

/** The same error with places; others as they are. */
export function withSources(error: unknown, layers: readonly Layer[]): unknown {
  if (!(error instanceof HelmError) || error.code !== 'HELM_VALUES_INVALID') return error;
  const violations = schemaViolations(error.message);
  if (violations.length === 0) return error;
  const origins = provenance([{ source: 'the chart', values: {} }, ...layers]);
  const lines = violations.map(({ path, message }) => {
    const source = sourceOf(path, origins);
    return `${path.join('.') || 'the values'}: ${message}${source === undefined ? '' : `, set in ${source}`}`;
  });
  return new HelmError('HELM_VALUES_INVALID', `the chart refuses the values: ${lines.join('; ')}`, { cause: error });
}

/** Of the value itself, or of the first one inside. */
function sourceOf(path: readonly string[], origins: readonly Origin[]): string | undefined {
  return path.length === 0 ? undefined : origins.find((origin) => path.every((key, i) => origin.path[i] === key))?.source;
}

/** The file of `--bundle-values`: chart values per app of the bundle, for every cluster. */
import { parse } from 'yaml';
import { z } from 'zod';
import type { Values } from '../../helm/index.ts';
import { OperatorError } from '../errors.ts';

const file = z.record(z.string(), z.record(z.string(), z.unknown())).nullish();

/**
 * @param known apps of the bundles that come with this Keelson; none: any name is taken
 * @throws {OperatorError} BUNDLE_VALUES_INVALID naming what is wrong; an unknown app is a typing error, not a wish
 */
export function parseBundleValues(text: string, known: readonly string[] = []): Readonly<Record<string, Values>> {
  const parsed = file.safeParse(yaml(text));
  if (!parsed.success) throw new OperatorError('BUNDLE_VALUES_INVALID', `bundle values: ${z.prettifyError(parsed.error)}; write a mapping from app to chart values`);
  const values = parsed.data ?? {};
  const unknown = known.length === 0 ? [] : Object.keys(values).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new OperatorError('BUNDLE_VALUES_INVALID', `bundle values: no app ${unknown.join(', ')} in the bundle; there are ${known.join(', ')}`);
  return values;
}

function yaml(text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (cause) {
    throw new OperatorError('BUNDLE_VALUES_INVALID', 'bundle values: not YAML', { cause });
  }
}

/** The file of `--bundle-values`: chart values per component, for every cluster. */
import { parse } from 'yaml';
import { z } from 'zod';
import type { Values } from '../../helm/index.ts';
import { OperatorError } from '../errors.ts';
import { components } from './components.ts';

const file = z.record(z.string(), z.record(z.string(), z.unknown())).nullish();

/** @throws {OperatorError} BUNDLE_VALUES_INVALID naming what is wrong; an unknown component is a typing error, not a wish */
export function parseBundleValues(text: string): Readonly<Record<string, Values>> {
  const parsed = file.safeParse(yaml(text));
  if (!parsed.success) throw new OperatorError('BUNDLE_VALUES_INVALID', `bundle values: ${z.prettifyError(parsed.error)}; write a mapping from component to chart values`);
  const values = parsed.data ?? {};
  const known = components.map((component) => component.name);
  const unknown = Object.keys(values).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new OperatorError('BUNDLE_VALUES_INVALID', `bundle values: no component ${unknown.join(', ')}; there are ${known.join(', ')}`);
  return values;
}

function yaml(text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (cause) {
    throw new OperatorError('BUNDLE_VALUES_INVALID', 'bundle values: not YAML', { cause });
  }
}

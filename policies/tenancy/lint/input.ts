/** Objects as the lint gets them, and their reading by a schema that names only what a rule reads. */
import type { z } from 'zod';
import type { Source } from '../../findings/finding.ts';
import { TenancyError } from '../errors.ts';

/** One parsed object of a file. */
export interface Input {
  readonly object: unknown;
  readonly source?: Source;
}

/**
 * @param what names the object: "Deployment team/web"
 * @throws TenancyError TENANCY_SHAPE for an object whose fields the API server would refuse
 */
export function parse<T extends z.ZodType>(schema: T, { object, source }: Input, what: string): z.output<T> {
  const result = schema.safeParse(object);
  if (result.success) return result.data;
  const where = source ? ` in ${source.file}${source.line === undefined ? '' : `:${source.line}`}` : '';
  const [issue] = result.error.issues;
  throw new TenancyError('TENANCY_SHAPE', `${what}${where}: ${issue?.path.join('.') || 'it'} is not as Kubernetes has it (${issue?.message ?? ''}); the API server refuses this object, correct it first`);
}

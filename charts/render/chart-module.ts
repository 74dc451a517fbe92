/** What the modules of a chart export: `values.ts` the values, `derived.ts` files and pages that follow from other rooms. */
import type { z } from 'zod';

/** Path (inside the chart, or in docs/reference) → content. */
export type Files = Readonly<Record<string, string>>;

/** What `derived` and `pages` may use beside their own imports. */
export interface RenderContext {
  readonly env: NodeJS.ProcessEnv;
}

export interface ChartModule {
  readonly values?: z.ZodObject;
  readonly derived?: (context: RenderContext) => Files | Promise<Files>;
  readonly pages?: (context: RenderContext) => Files | Promise<Files>;
}

/** A timeline as a YAML file: at which second something breaks, is healed, or is expected. */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { FaultError } from './errors.ts';
import { secondsOf } from './duration.ts';
import { problemsOf } from './problems.ts';
import { faultRequest, type FaultRequest } from './request.ts';

const span = z.string().transform((text, context) => {
  try {
    return secondsOf(text, 'time');
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});
const name = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be letters a-z, digits and dashes');

/** What can be expected. Every key that is given must hold. */
export const expectation = z.strictObject({
  /** The cluster that `readyNodes` and `available` are about. */
  cluster: z.string().min(1).optional(),
  readyNodes: z.number().int().min(0).optional(),
  available: z.boolean().optional(),
  /** Name of an alert that has paged, and in which state. */
  page: z.string().min(1).optional(),
  state: z.enum(['firing', 'resolved']).default('firing'),
  /** A command for sh, with the pinned tools on PATH and KUBECONFIG of `cluster`. */
  run: z.string().min(1).optional(),
  exitCode: z.number().int().min(0).max(255).default(0),
  /** A text that its output must have. */
  output: z.string().optional(),
}).refine((given) => given.readyNodes !== undefined || given.available !== undefined || given.page !== undefined || given.run !== undefined, 'expects nothing: give readyNodes, available, page or run')
  .refine((given) => given.cluster !== undefined || (given.readyNodes === undefined && given.available === undefined), 'readyNodes and available need a cluster');

const step = z.strictObject({
  /** After the start of the scenario. */
  at: span.default(0),
  break: faultRequest.optional(),
  /** Names the fault of this step for a later `heal`. */
  as: name.optional(),
  /** A name given with `as`, or all. */
  heal: name.optional(),
  expect: expectation.optional(),
  /** How long to wait for what is expected. */
  within: span.default(60),
  /** Seconds for which it must go on being so. */
  for: span.default(0),
}).refine((given) => [given.break, given.heal, given.expect].filter((one) => one !== undefined).length === 1, 'has to have exactly one of break, heal, expect')
  .refine((given) => given.as === undefined || given.break !== undefined, 'as belongs to break');

export const scenarioSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  steps: z.array(step).min(1),
});

export type Scenario = z.output<typeof scenarioSchema>;
export type Step = Scenario['steps'][number];
export type Expectation = z.output<typeof expectation>;
export type { FaultRequest };

/** @param file named in errors. @throws FaultError FAULT_BAD_SCENARIO naming every problem */
export function readScenario(text: string, file: string): Scenario {
  const document = parseDocument(text, { prettyErrors: true });
  const broken = document.errors.map((error) => error.message.split('\n', 1)[0] ?? '');
  if (broken.length > 0) throw new FaultError('FAULT_BAD_SCENARIO', `${file} is not YAML:\n${broken.map((problem) => `  ${problem}`).join('\n')}`);
  const given: unknown = document.toJS();
  const parsed = scenarioSchema.safeParse(given);
  const problems = parsed.success ? timelineProblems(parsed.data) : problemsOf(parsed.error, scenarioSchema, given);
  if (!parsed.success || problems.length > 0) throw new FaultError('FAULT_BAD_SCENARIO', `${file}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  return parsed.data;
}

/** Time only goes forward, and only what was named can be healed. */
function timelineProblems({ steps }: Scenario): string[] {
  const named = new Set<string>(['all']);
  return steps.flatMap((one, i) => {
    const problems = [
      ...(i > 0 && one.at < (steps[i - 1]?.at ?? 0) ? [`steps.${i}.at: is before the step above; put the steps in the order of time`] : []),
      ...(one.heal !== undefined && !named.has(one.heal) ? [`steps.${i}.heal: nothing above is named ${one.heal}; named are ${[...named].join(', ')}`] : []),
    ];
    if (one.as !== undefined) named.add(one.as);
    return problems;
  });
}

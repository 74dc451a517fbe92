/** Exceptions beside the workloads they are for: the smallest that does, what an exception waives, which are too wide or of no use. */
import type { CheckId } from './check.ts';
import { type Exception, exceptionKinds, isExpired, nameOf, type Waiver } from './exception.ts';
import { asFields, type Fields } from './fields.ts';
import { templateOf, type Verdict } from './workload.ts';

/** Namespace of objects that name none. */
const defaultNamespace = 'default';

/**
 * The smallest waiver under which the object passes; undefined where it needs none. Each check in it is one that fails
 * without it, so none can be taken away.
 */
export function smallestWaiver(verdict: Verdict, o: { readonly namespace?: string; readonly reason: string }): Waiver | undefined {
  const { object } = verdict;
  const kind = exceptionKinds.find((candidate) => candidate === object.kind);
  if (verdict.allowed || kind === undefined) return undefined;
  return { namespace: object.namespace ?? o.namespace ?? defaultNamespace, kind, name: object.name, labels: {}, checks: brokenChecks(verdict), reason: o.reason };
}

/** The verdict once exceptions that count at that time are applied. */
export function withExceptions(verdict: Verdict, object: Fields, exceptions: readonly Exception[], now: Date): Verdict {
  const waived = new Set(exceptions.filter((exception) => !isExpired(exception, now) && covers(exception, verdict, object)).flatMap((exception) => exception.checks));
  const violations = verdict.violations.filter((violation) => !waived.has(violation.check));
  return { ...verdict, violations, allowed: violations.length === 0 };
}

export interface ExceptionReview {
  /** "DaemonSet kube-system/cilium" */
  readonly workload: string;
  readonly state: 'needed' | 'tooWide' | 'unused' | 'expired';
  /** Checks that no workload of the exception breaks. */
  readonly unneeded: readonly CheckId[];
  readonly advice: string;
}

/** One line per exception. @param judged every workload of the cluster or bundle, judged without exceptions */
export function reviewExceptions(exceptions: readonly Exception[], judged: readonly { readonly verdict: Verdict; readonly object: Fields }[], now: Date): ExceptionReview[] {
  return exceptions.map((exception) => {
    const workload = nameOf(exception);
    if (isExpired(exception, now)) return { workload, state: 'expired', unneeded: exception.checks, advice: `ended ${exception.expires}: remove it` };
    const own = judged.filter(({ verdict, object }) => covers(exception, verdict, object));
    if (own.length === 0) return { workload, state: 'unused', unneeded: exception.checks, advice: 'no such workload: remove it' };
    const broken = new Set(own.flatMap(({ verdict }) => brokenChecks(verdict)));
    const unneeded = exception.checks.filter((check) => !broken.has(check));
    if (unneeded.length === exception.checks.length) return { workload, state: 'unused', unneeded, advice: 'the workload passes without it: remove it' };
    if (unneeded.length > 0) return { workload, state: 'tooWide', unneeded, advice: `remove from checks: ${unneeded.join(', ')}` };
    return { workload, state: 'needed', unneeded, advice: `until ${exception.expires}` };
  });
}

function brokenChecks(verdict: Verdict): CheckId[] {
  return [...new Set(verdict.violations.map((violation) => violation.check))];
}

function covers(exception: Exception, { object: ref }: Verdict, object: Fields): boolean {
  if (exception.kind !== ref.kind || exception.name !== ref.name || exception.namespace !== (ref.namespace ?? defaultNamespace)) return false;
  const metadata = templateOf(object)?.template['metadata'] ?? {};
  const labels = asFields(asFields(metadata, 'metadata')['labels'] ?? {}, 'metadata.labels');
  return Object.entries(exception.labels).every(([key, value]) => labels[key] === value);
}

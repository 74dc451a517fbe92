/** `keelson policy tenancy FILES…`: quotas, limits, budgets and rights, before anything is applied. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { arithmeticRules, lintArithmetic } from '../../../../policies/tenancy/lint/arithmetic.ts';
import { escalationRules, lintEscalation, type Allowance } from '../../../../policies/tenancy/lint/escalation.ts';
import type { CliContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import type { FindingsFormat } from '../../write.ts';
import { readManifests } from './manifests.ts';
import { writeFindings } from './write-findings.ts';

export interface TenancyCommandOptions {
  readonly output: FindingsFormat;
  readonly nodes?: number;
  readonly platformNamespace?: readonly string[];
  readonly groupPrefix?: readonly string[];
  readonly allowed?: string;
}

const allowances = z.array(z.strictObject({ object: z.string().min(3), rule: z.string().min(1), reason: z.string().min(1) }));

export async function policyTenancy(context: CliContext, files: readonly string[], options: TenancyCommandOptions): Promise<void> {
  const manifests = await readManifests(files, context);
  const platformNamespaces = options.platformNamespace ? { platformNamespaces: options.platformNamespace } : {};
  const allowed = options.allowed === undefined ? [] : await allowancesIn(options.allowed);
  writeFindings(context, options.output, {
    command: 'keelson policy tenancy',
    rules: { ...Object.fromEntries(arithmeticRules().map(({ name, demands }) => [name, demands])), ...escalationRules },
    findings: [
      ...lintArithmetic(manifests, { ...platformNamespaces, ...(options.nodes === undefined ? {} : { nodes: options.nodes }) }),
      ...lintEscalation(manifests, { allowed, ...(options.groupPrefix ? { groupPrefixes: options.groupPrefix } : {}) }),
    ],
    checked: `${manifests.length} ${manifests.length === 1 ? 'object' : 'objects'}`,
  });
}

async function allowancesIn(file: string): Promise<Allowance[]> {
  const wanted = 'a YAML list of {object: "ClusterRole name", rule, reason}';
  const text = await readFile(file, 'utf8').catch((cause: unknown) => Promise.reject(new CliError('CLI_FILE_UNREADABLE', `cannot read --allowed ${file}; it is ${wanted}`, { cause })));
  try {
    return allowances.parse(parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? cause.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') : String(cause);
    throw new CliError('CLI_BAD_OPTION', `--allowed ${file} is not ${wanted}: ${why}`, { cause });
  }
}

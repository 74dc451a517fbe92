/** `keelson policy psp FILES…`: from PodSecurityPolicies to levels and exceptions. */
import { PodPolicyError } from '../../../../policies/pods/errors.ts';
import { migratePsp, type PspMigration } from '../../../../policies/pods/psp.ts';
import type { CliContext, OutputOptions } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { write } from '../../write.ts';
import { readManifests } from './manifests.ts';

/** @throws CliError CLI_MANIFEST_BROKEN for another kind of object */
export async function policyPsp(context: CliContext, files: readonly string[], { output }: OutputOptions): Promise<void> {
  const migrations = (await readManifests(files, context)).map(({ object, source }) => {
    try {
      return migratePsp(object);
    } catch (cause) {
      throw cause instanceof PodPolicyError ? new CliError('CLI_MANIFEST_BROKEN', `${source.file}:${source.line ?? 1}: ${cause.message}`, { cause }) : cause;
    }
  });
  write(context, output, migrations, () => migrations.map(text).join('\n'));
}

function text({ name, level, kept, lost, waive }: PspMigration): string {
  return [
    `PodSecurityPolicy ${name}: level ${level} comes closest`,
    ...kept.map(({ field, check }) => `  kept    ${field}: check ${check}`),
    ...waive.map(({ field, check, how }) => `  except  ${field}: for level restricted waive ${check}: ${how}`),
    ...lost.map(({ field, instead }) => `  lost    ${field}: ${instead}`),
    '',
  ].join('\n');
}

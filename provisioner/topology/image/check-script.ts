/** The check of a node image: a shell script for a server that was booted from it. */
import { requirements, type Requirement } from './contract.ts';

/** Prints one line for each requirement and exits with 1 when one is not met. @param version "v1.36.3" */
export function checkScript(version: string): string {
  return `#!/bin/sh
# Checks that a server booted from a node image holds what Keelson's class needs. Changes nothing; run it as root.
version='${version}'
root=\${ROOT:-}
fails=0
check() {
  if (eval "$4") > /dev/null 2>&1; then echo "ok    $1: $2"; else fails=$((fails + 1)); echo "FAIL  $1: $2 - $3"; fi
}
${requirements.map(call).join('\n')}
[ "$fails" -eq 0 ] || { echo "$fails of ${requirements.length} requirements are not met"; exit 1; }
`;
}

const call = ({ id, what, fix, test }: Requirement): string => `check ${[id, what, fix, test].map(quoted).join(' ')}`;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

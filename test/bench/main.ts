/** `npm run bench -- sandbox`: prints goal, measured, met or missed; exits 1 only where it could not measure. Results are kept in docs/bench. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderFigures, type Figure } from './figures.ts';
import { sandboxFigures } from './sandbox.ts';

const benches: Record<string, () => Promise<readonly Figure[]>> = { sandbox: sandboxFigures };

const name = process.argv[2] ?? '';
const bench = benches[name];
if (!bench) {
  console.error(`which bench? one of: ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
const figures = await bench();
const text = renderFigures(figures);
console.log(text);
const folder = join(import.meta.dirname, '..', '..', 'docs', 'bench');
await mkdir(folder, { recursive: true });
await writeFile(join(folder, `${name}.md`), `# Bench: ${name}\nWritten by \`npm run bench -- ${name}\`, the last run. Two cores, 24 GiB unless a line says otherwise.\n\n${text}\n`);
process.exitCode = figures.every((f) => f.measured !== undefined) ? 0 : 1;

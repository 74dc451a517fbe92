/**
 * The programs of ours that run inside servers, each bundled into one file: a server then sees neither the checkout nor its packages,
 * and a container runtime takes 22 MB less than from the sources (31 instead of 53 MB of its own, Node.js 24).
 */
import { cpSync, mkdirSync } from 'node:fs';
import { build } from 'esbuild';

/** Name in /opt/keelson/programs → entry point in the checkout. */
const entryPoints = {
  'container-runtime': 'sandbox/cri/main.ts',
  dialer: 'sandbox/cri/streaming/dialer/main.ts',
  'cloud-init': 'sandbox/machines/cloud-init/main.ts',
};

/** Packages in CommonJS ask for Node's own modules with require. */
const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Writes `<name>.mjs`, and beside them the files they read. */
export async function buildPrograms(repoDir: string, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  await build({
    absWorkingDir: repoDir, entryPoints, outdir: directory, outExtension: { '.js': '.mjs' },
    bundle: true, platform: 'node', format: 'esm', target: 'node24', banner: { js: banner }, logLevel: 'silent',
  });
  cpSync(`${repoDir}/sandbox/cri/api.proto`, `${directory}/api.proto`);
}

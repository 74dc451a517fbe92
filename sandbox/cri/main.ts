/** `node main.ts <config.json>`: the container runtime of one simulated server. */
import { readFileSync } from 'node:fs';
import { runtimeConfigSchema } from './config.ts';
import { serveCri } from './grpc-server.ts';
import { Runtime } from './runtime.ts';
import { imageCalls, runtimeCalls } from './services.ts';

const [configFile] = process.argv.slice(2);
if (!configFile) {
  process.stderr.write('usage: node main.ts <config.json>\n');
  process.exit(2);
}

const log = (text: string): void => { process.stdout.write(`${new Date().toISOString()} ${text}\n`); };
const runtime = new Runtime(runtimeConfigSchema.parse(JSON.parse(readFileSync(configFile, 'utf8'))));
await runtime.start();
const stopServing = await serveCri({
  socket: runtime.config.socket, runtime: runtimeCalls(runtime), images: imageCalls(runtime), events: runtime.events,
  onFailure: (call, error) => log(`${call}: ${error instanceof Error ? error.message : String(error)}`),
});
log(`listening on ${runtime.config.socket}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log(`${signal}: stopping`);
    stopServing();
    void runtime.stop().then(() => process.exit(0));
  });
}

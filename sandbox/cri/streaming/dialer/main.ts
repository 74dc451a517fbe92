/** `node main.ts <socket>`: the dialer of one pod, for as long as it is used. */
import { serveDialer } from './serve.ts';

const idleMs = 60_000;
const [socketPath = ''] = process.argv.slice(2);
serveDialer(socketPath, idleMs, () => process.exit(0));

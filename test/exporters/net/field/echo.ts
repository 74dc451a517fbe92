/** A plain program for the field's own test: `echo.ts serve` echoes TCP and UDP at port 7; `echo.ts udp ADDRESS BYTES COUNT` and `echo.ts tcp ADDRESS` ask it and print what came back as JSON. */
import { createSocket } from 'node:dgram';
import { connect, createServer, isIPv6 } from 'node:net';

export interface Echoed { readonly received: number; readonly medianMs: number; readonly error?: string }

const port = 7;
const patienceMs = 400;
const [what, address = '', bytes = '64', count = '1'] = process.argv.slice(2);

if (what === 'serve') serve();
else console.log(JSON.stringify(await (what === 'udp' ? datagrams(Number(bytes), Number(count)) : connection())));

function serve(): void {
  const udp = createSocket('udp6');
  udp.on('error', () => undefined).on('message', (data, from) => udp.send(data, from.port, from.address, () => undefined));
  udp.bind(port, '::', () => createServer((socket) => socket.on('error', () => undefined).end('x')).listen(port, '::', () => console.log('up')));
}

function connection(): Promise<Echoed> {
  return new Promise((resolve) => {
    const began = performance.now();
    const socket = connect({ host: address, port });
    const end = (error?: string): void => {
      socket.destroy();
      resolve({ received: error === undefined ? 1 : 0, medianMs: performance.now() - began, ...(error === undefined ? {} : { error }) });
    };
    socket.once('connect', () => { end(); }).once('error', (error: NodeJS.ErrnoException) => { end(error.code); });
    setTimeout(() => { end('ETIMEDOUT'); }, patienceMs).unref();
  });
}

/** A millisecond apart, each waited for as long as the last one. */
async function datagrams(size: number, wanted: number): Promise<Echoed> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  const sentMs = new Map<number, number>();
  const took: number[] = [];
  const all = new Promise<void>((resolve) => {
    socket.on('error', () => undefined).on('message', (data) => {
      took.push(performance.now() - sentMs.get(data.readUInt32BE(0))!);
      if (took.length === wanted) resolve();
    });
  });
  for (let i = 0; i < wanted; i++) {
    const data = Buffer.alloc(size);
    data.writeUInt32BE(i);
    sentMs.set(i, performance.now());
    socket.send(data, port, address, () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.race([all, new Promise<void>((resolve) => { setTimeout(resolve, patienceMs); })]);
  socket.close();
  took.sort((a, b) => a - b);
  return { received: took.length, medianMs: took[took.length >> 1] ?? 0 };
}

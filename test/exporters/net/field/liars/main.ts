/**
 * A lying server as a process of its own: `main.ts dns ZONE PORT ADDRESS…` or `main.ts ntp PORT ADDRESS…`. Says "up" when
 * it listens; every line of its standard input is the list of lies that holds from then on, as JSON, and is answered with "lies".
 */
import { createInterface } from 'node:readline';
import { DnsServer, type DnsLie, type Zone } from './dns-server.ts';
import { NtpServer, type NtpLie } from './ntp-server.ts';

const [kind, ...rest] = process.argv.slice(2);
const server = kind === 'dns' ? new DnsServer(JSON.parse(rest.shift() ?? '{}') as Zone) : new NtpServer();
const [port, ...addresses] = rest;
for (const address of addresses) await server.listen(address, Number(port));
console.log('up');
let told = 0;
for await (const line of createInterface({ input: process.stdin })) {
  server.lies = JSON.parse(line) as (DnsLie & NtpLie)[];
  console.log(`lies ${++told}`);
}
process.exit(0);

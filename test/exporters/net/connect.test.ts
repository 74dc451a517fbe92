import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { systemClock } from '../../../exporters/core/clock.ts';
import { connect } from '../../../exporters/net/connect.ts';

test('a connection that was made while this process stood still was made', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const result = connect('127.0.0.1', (server.address() as AddressInfo).port, { timeoutMs: 20, clock: systemClock, signal: new AbortController().signal });
  // After Node has asked the kernel for the connection, which it does in the next tick.
  process.nextTick(() => {
    const endsAt = performance.now() + 60;
    while (performance.now() < endsAt);
  });
  const { kind } = await result;
  server.close();
  expect(kind).toBe('connected');
});

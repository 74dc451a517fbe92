import { expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, HttpClient } from '../../../provisioner/openstack/http.ts';
import { until } from '../kube/until.ts';

test('a closed client sends nothing that waited for a connection, and leaves none open', async () => {
  let asked = 0;
  let open = 0;
  const server = createServer(() => void asked++).on('connection', (socket) => {
    open++;
    socket.on('close', () => void open--);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new HttpClient();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const send = (): Promise<Answer> => client.send({ method: 'GET', url, timeoutMs: 60_000 });
  const ends = Array.from({ length: 11 }, () => send().then(() => 'an answer', (error: unknown) => error));
  await until('all connections are in use', () => asked === 8);
  client.close();
  for (const end of await Promise.all(ends)) expect(end).toMatchObject({ code: 'ECONNRESET' });
  await expect(send()).rejects.toThrow('closed');
  await until('all connections are closed', () => open === 0);
  expect(asked).toBe(8);
  server.close();
});

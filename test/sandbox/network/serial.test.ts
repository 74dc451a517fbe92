import { Serial } from '../../../sandbox/network/serial.ts';

const later = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

test('work of one key runs one after the other, also after a failure; other keys do not wait', async () => {
  const serial = new Serial();
  const order: string[] = [];
  const slow = serial.run('a', async () => { await later(30); order.push('a1'); throw new Error('a1 failed'); });
  const next = serial.run('a', () => { order.push('a2'); return Promise.resolve(2); });
  const other = serial.run('b', () => { order.push('b'); return Promise.resolve(); });
  await expect(slow).rejects.toThrow('a1 failed');
  await expect(next).resolves.toBe(2);
  await other;
  expect(order).toEqual(['b', 'a1', 'a2']);
});

test('idle waits for work that was added meanwhile', async () => {
  const serial = new Serial();
  let done = 0;
  void serial.run('a', async () => { await later(10); done++; void serial.run('a', async () => { await later(10); done++; }); });
  await serial.idle();
  expect(done).toBe(2);
});

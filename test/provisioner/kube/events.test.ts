import { describe, expect, test } from '@jest/globals';
import { EventRecorder } from '../../../provisioner/kube/events.ts';
import { KubeError } from '../../../provisioner/kube/errors.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import { FakeClock, settle } from './fake-clock.ts';

const subject: KubeObject = { apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata: { namespace: 'org-a', name: 'dns', uid: 'u1' } };

function setUp() {
  const clock = new FakeClock();
  const created: KubeObject[] = [];
  const patched: { name: string; count: number }[] = [];
  const failures: KubeError[] = [];
  const fail = (): void => {
    const failure = failures.shift();
    if (failure) throw failure;
  };
  const recorder = new EventRecorder({
    client: {
      create: async <T extends KubeObject>(_r: unknown, object: T) => {
        fail();
        created.push(object);
        return object;
      },
      patch: async <T extends KubeObject>(_r: unknown, ref: { name: string }, o: { body: unknown }) => {
        fail();
        patched.push({ name: ref.name, count: (o.body as { series: { count: number } }).series.count });
        return {} as T;
      },
    },
    controller: 'keelson.dev/app',
    instance: 'operator-0',
    clock,
    random: () => 0,
  });
  const stop = new AbortController();
  return { clock, created, patched, failures, recorder, stop, done: recorder.start(stop.signal) };
}

describe('events', () => {
  test('an event names object, reason and reporter; objects without namespace are spoken of in default', async () => {
    const { created, recorder, stop, done } = setUp();
    recorder.event(subject, 'Normal', 'Installed', 'release dns 1.2.3');
    recorder.event({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }, 'Warning', 'Gone', 'x');
    await settle();
    expect(created).toMatchObject([
      { apiVersion: 'events.k8s.io/v1', metadata: { namespace: 'org-a' }, type: 'Normal', reason: 'Installed', note: 'release dns 1.2.3', reportingController: 'keelson.dev/app', reportingInstance: 'operator-0', regarding: { kind: 'App', name: 'dns', uid: 'u1' } },
      { metadata: { namespace: 'default' }, regarding: { kind: 'Node', name: 'n1' } },
    ]);
    stop.abort();
    await done;
  });

  test('the same again counts up: the second at once, then at most every thirty seconds', async () => {
    const { clock, created, patched, recorder, stop, done } = setUp();
    for (let i = 0; i < 100; i++) {
      recorder.event(subject, 'Warning', 'Failed', 'no route');
      await clock.advance(1000);
    }
    await clock.advance(60_000);
    expect(created).toHaveLength(1);
    expect(patched.length).toBeLessThan(7);
    expect(patched.at(-1)).toEqual({ name: created[0]!.metadata.name, count: 100 });
    await clock.advance(400_000);
    recorder.event(subject, 'Warning', 'Failed', 'no route');
    await settle();
    expect(created).toHaveLength(2);
    stop.abort();
    await done;
    expect(clock.pending).toBe(0);
  });

  test('ever new messages become one, and an object that does not stop is cut off', async () => {
    const { clock, created, recorder, stop, done } = setUp();
    for (let i = 0; i < 50; i++) recorder.event(subject, 'Warning', 'Failed', `attempt ${i}`);
    await clock.advance(60_000);
    expect(created).toHaveLength(11);
    expect(created.at(-1)).toMatchObject({ note: '(combined from similar events)' });
    for (let i = 0; i < 50; i++) recorder.event(subject, 'Warning', `Reason${i}`, 'x');
    await clock.advance(60_000);
    expect(created).toHaveLength(25);
    stop.abort();
    await done;
  });

  test('an unreachable API server delays events, a refusal drops one, and the rest is written at the end', async () => {
    const { clock, created, failures, recorder, stop, done } = setUp();
    failures.push(new KubeError('KUBE_UNREACHABLE', 'down'), new KubeError('KUBE_FORBIDDEN', 'namespace is being terminated'));
    recorder.event(subject, 'Normal', 'A', 'refused after a failure');
    await clock.advance(5000);
    expect(created).toEqual([]);
    recorder.event(subject, 'Normal', 'B', 'goes through');
    await settle();
    failures.push(new KubeError('KUBE_UNREACHABLE', 'down'));
    recorder.event(subject, 'Normal', 'C', 'left for the end');
    await settle();
    stop.abort();
    await done;
    expect(created.map((event) => event['reason'])).toEqual(['B', 'C']);
    expect(clock.pending).toBe(0);
  });

  test('long notes are clipped to 1024 bytes between characters', async () => {
    const { created, recorder, stop, done } = setUp();
    recorder.event(subject, 'Normal', 'Long', 'ü'.repeat(2000));
    await settle();
    const note = String(created[0]!['note']);
    expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024);
    expect(note).toMatch(/^ü+…$/);
    stop.abort();
    await done;
  });
});

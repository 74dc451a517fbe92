/** The stream of container events (GetContainerEvents), each with the state of its pod. */
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Container } from './containers.ts';
import type { ContainerEventType } from './messages.ts';
import { nanoseconds, type Pod } from './pods.ts';
import { containerStatus, podStatus } from './status.ts';

export type EventStream = ServerWritableStream<unknown, object>;

export class ContainerEvents {
  readonly #containersOf: (pod: Pod) => readonly Container[];
  readonly #streams = new Set<EventStream>();

  constructor(containersOf: (pod: Pod) => readonly Container[]) {
    this.#containersOf = containersOf;
  }

  subscribe(stream: EventStream): void {
    this.#streams.add(stream);
    stream.on('cancelled', () => {
      this.#streams.delete(stream);
      stream.end();
    });
  }

  emit(container: Container, type: ContainerEventType): void {
    for (const stream of this.#streams) {
      stream.write({
        containerId: container.id, containerEventType: type, createdAt: nanoseconds(),
        podSandboxStatus: podStatus(container.pod), containersStatuses: this.#containersOf(container.pod).map(containerStatus),
      });
    }
  }
}

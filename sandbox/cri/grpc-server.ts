/** CRI over gRPC on a Unix socket, from the .proto of k8s.io/cri-api. */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadPackageDefinition, Server, ServerCredentials, type handleUnaryCall, type ServiceClientConstructor, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { grpcStatus } from './errors.ts';
import type { ContainerEvents, EventStream } from './events.ts';
import type { Call, Calls } from './services.ts';

export interface CriServerOptions {
  readonly socket: string;
  readonly runtime: Calls;
  readonly images: Calls;
  readonly events: ContainerEvents;
  /** A failed call; the kubelet shows it too, but not always whole. */
  readonly onFailure: (call: string, error: unknown) => void;
}

/** Starts listening. @returns a function that stops it */
export async function serveCri(options: CriServerOptions): Promise<() => void> {
  const definition = loadSync(`${import.meta.dirname}/api.proto`, { longs: String, enums: String, defaults: true, oneofs: true });
  const { runtime } = loadPackageDefinition(definition) as unknown as { runtime: { v1: Record<'RuntimeService' | 'ImageService', ServiceClientConstructor> } };
  const server = new Server({ 'grpc.max_receive_message_length': 16 << 20 });
  server.addService(runtime.v1.RuntimeService.service, { ...handlers(options.runtime, options), GetContainerEvents: (stream: EventStream) => options.events.subscribe(stream) });
  server.addService(runtime.v1.ImageService.service, handlers(options.images, options));
  mkdirSync(dirname(options.socket), { recursive: true });
  rmSync(options.socket, { force: true });
  await new Promise<void>((resolve, reject) => server.bindAsync(`unix://${options.socket}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve())));
  return () => server.forceShutdown();
}

function handlers(calls: Calls, { onFailure }: CriServerOptions): UntypedServiceImplementation {
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => {
    const handler: handleUnaryCall<unknown, object> = ({ request }, respond) => {
      void answer(call, request as never).then((response) => respond(null, response), (error: unknown) => {
        onFailure(name, error);
        respond(grpcStatus(error));
      });
    };
    return [name, handler];
  }));
}

async function answer(call: Call<never>, request: never): Promise<object> {
  return call(request);
}

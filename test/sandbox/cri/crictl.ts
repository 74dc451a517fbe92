/** `node crictl.ts ReopenContainerLog <container name>`: a call to the runtime of the server it runs on, for tests; api.proto is beside it. */
import { credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const [call = '', name = ''] = process.argv.slice(2);
const definition = loadSync(`${import.meta.dirname}/api.proto`, { longs: String, enums: String, defaults: true });
const { runtime } = loadPackageDefinition(definition) as unknown as { runtime: { v1: Record<string, ServiceClientConstructor> } };
const client = new runtime.v1['RuntimeService']!('unix:///run/containerd/containerd.sock', credentials.createInsecure()) as unknown as Record<string, (request: object, done: (error: Error | null, response: { containers: { id: string; metadata: { name: string } }[] }) => void) => void>;
client['ListContainers']!({ filter: { state: { state: 'CONTAINER_RUNNING' } } }, (error, { containers }) => {
  if (error) throw error;
  const container = containers.find((candidate) => candidate.metadata.name === name);
  client[call]!({ containerId: container?.id }, (failure) => {
    if (failure) throw failure;
    process.exit(0);
  });
});

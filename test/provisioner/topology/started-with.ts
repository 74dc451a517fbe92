/** An API server that is started as the class has it started: with its arguments, and its audit, encryption, admission and authentication files. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { VariablesInput } from '../../../provisioner/api/variables/index.ts';
import { encryptionConfiguration } from '../../../provisioner/operators/encryption-key/configuration.ts';
import { type ApiServer, startApiServer } from '../../fixtures/api-server.ts';
import { controlPlaneOf, type NodeConfig, request } from './requests.ts';

/** Writes the files of a control plane's API server into a folder. @returns its arguments, with the folder in place of the node's */
export async function filesOf(config: NodeConfig, folder: string): Promise<string[]> {
  const local = (text: string): string => text.replaceAll('/etc/kubernetes/keelson', folder).replaceAll('/var/log/kubernetes/audit', folder);
  for (const file of config.files.filter(({ path }) => path.startsWith('/etc/kubernetes/keelson/'))) await writeFile(join(folder, basename(file.path)), file.content ?? encryptionConfiguration(), { mode: 0o700 });
  return config.clusterConfiguration.apiServer.extraArgs.map(({ name, value }) => `--${name}=${local(value)}`);
}

/** Resolves when one was ready and is ended again. @throws with the values, and the end of its log, when it does not start */
export async function startedWith(values: VariablesInput, { api, binaries, version }: { api: ApiServer; binaries: string; version: string }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-started-'));
  try {
    const flags = await filesOf(controlPlaneOf(request(startable(values, api.ca.cert), { version, replicas: 1 })), folder);
    const started = await startApiServer({ binaries, etcdUrl: api.etcdUrl, flags: [...flags, `--etcd-prefix=/${basename(folder)}`] });
    await started.stop();
  } catch (error) {
    throw new Error(`kube-apiserver ${version} does not start with ${JSON.stringify(values.api)}: ${String(error)}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Drawn certificates are none, and drawn gates are unknown: the first is a real one in their place, of the second there are none. */
function startable(values: VariablesInput, certificate: string): VariablesInput {
  const issuers = values.api?.authentication?.issuers?.map((issuer) => (issuer.certificateAuthority === undefined ? issuer : { ...issuer, certificateAuthority: certificate }));
  return { ...values, api: { ...values.api, featureGates: [], ...(issuers ? { authentication: { issuers } } : {}) } };
}

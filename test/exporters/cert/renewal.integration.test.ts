/** A PKI made and renewed by kubeadm, served by a kube-apiserver: the certificate on disk and the one on the wire. */
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { startWith, type Running } from './running-exporter.ts';

/** A name of its own, so that the API server's first certificate stays the fixture's. */
const serverName = 'kubeadm.example';

describeWith({ tools: [...apiServerNeeds.tools, 'kubeadm'] }, 'a PKI of kubeadm', () => {
  let folder: string;
  let api: ApiServer;
  let exporter: Running;
  const served = (): string => join(folder, 'served');
  const kubeadm = (...args: string[]): void => void execFileSync(join(toolsBin, 'kubeadm'), args, { stdio: ['ignore', 'ignore', 'pipe'] });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubeadm-'));
    await writeFile(join(folder, 'kubeadm.yaml'), `apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.36.3\ncertificatesDir: ${served()}\napiServer: {certSANs: [${serverName}]}\n`);
    kubeadm('init', 'phase', 'certs', 'all', '--config', join(folder, 'kubeadm.yaml'));
    api = await startApiServer({ flags: [`--tls-sni-cert-key=${served()}/apiserver.crt,${served()}/apiserver.key:${serverName}`] });
    await cp(served(), join(folder, 'renewed'), { recursive: true });
    exporter = await startWith({
      config: {
        files: { directories: [served()] },
        endpoints: { targets: [{ address: `127.0.0.1:${api.port}`, serverName, caFile: join(served(), 'ca.crt'), servesFile: join(folder, 'renewed/apiserver.crt') }], intervalSeconds: 0.2 },
      },
    });
  }, 200_000);
  afterAll(async () => {
    await exporter?.stop();
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('every certificate that kubeadm makes is found, and none of its keys is a problem', async () => {
    const paths = (await exporter.series('cert_exporter_not_after')).map((line) => /path="[^"]*\/served\/([^"]+)"/.exec(line)![1]);
    expect(paths).toEqual([
      'apiserver-etcd-client.crt', 'apiserver-kubelet-client.crt', 'apiserver.crt', 'ca.crt', 'etcd/ca.crt', 'etcd/healthcheck-client.crt', 'etcd/peer.crt', 'etcd/server.crt', 'front-proxy-ca.crt', 'front-proxy-client.crt',
    ]);
    expect(await exporter.series('cert_exporter_source_errors_total')).toEqual([]);
  });

  test('renewed by kubeadm and not loaded: stale; loaded by the API server: not stale, verified all the time', async () => {
    const stale = (wanted: number): Promise<void> => exporter.until('cert_exporter_endpoint_stale', ([line]) => line?.endsWith(` ${wanted}`) === true);
    await stale(0);
    kubeadm('certs', 'renew', 'apiserver', '--cert-dir', join(folder, 'renewed'));
    await stale(1);
    for (const name of ['apiserver.key', 'apiserver.crt']) await cp(join(folder, 'renewed', name), join(served(), name));
    await stale(0);
    expect((await exporter.series('cert_exporter_endpoint_verified'))[0]).toMatch(/ 1$/);
  }, 150_000);
});

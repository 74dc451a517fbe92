/** A certificate of kubeadm that is renewed in a running cluster, as cert-exporter of the bundle sees it on its node: on disk and on the wire. */
import { expect, test } from '@jest/globals';
import { WorldClient } from '../../sandbox/world/client.ts';
import { eventually, type Keelson } from './keelson.ts';

const namespace = 'keelson-system';
const pki = '/etc/kubernetes/pki';

/** Registers the test; `demo` has one control plane. */
export function certificateRenewal(keelson: Keelson): void {
  test('a certificate that is renewed by kubeadm and not loaded is stale, and no longer once it is loaded', async () => {
    const kubectl = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await keelson.kubectl('demo', args);
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
      return stdout;
    };
    const plane = await kubectl('get', 'nodes', '-l', 'node-role.kubernetes.io/control-plane', '-o', 'jsonpath={.items[0].metadata.name}');
    const world = new WorldClient(keelson.state);
    const id = (await world.status()).servers.find(({ name }) => name === plane)!.id;
    const onPlane = async (script: string): Promise<void> => {
      const { status, stderr } = await world.exec(id, { argv: ['sh', '-euc', script] });
      if (status !== 0) throw new Error(`${script}: ${stderr}`);
    };
    const pod = await kubectl('-n', namespace, 'get', 'pods', '-l', 'app.kubernetes.io/name=cert-exporter,app.kubernetes.io/component=files', '--field-selector', `spec.nodeName=${plane}`, '-o', 'jsonpath={.items[0].metadata.name}');
    const value = async (family: string): Promise<number | undefined> => {
      const text = await kubectl('get', '--raw', `/api/v1/namespaces/${namespace}/pods/${pod}:9005/proxy/metrics`);
      const line = text.split('\n').find((one) => one.startsWith(`cert_exporter_endpoint_${family}{`));
      return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
    };
    const until = (what: string, family: string, isRight: (now: number) => boolean): Promise<number> =>
      eventually(what, 90_000, async () => {
        const now = await value(family);
        if (now !== undefined && isRight(now)) return now;
        throw new Error(`${family} is ${now}`);
      });

    await until('the certificate on disk is the one that is served', 'stale', (now) => now === 0);
    const before = await until('its end', 'not_after', () => true);

    // The two halves of a pair, one after the other: with the new certificate and the old key the API server keeps what it has.
    await onPlane(`cp -r ${pki} /root/renewed && kubeadm certs renew apiserver --cert-dir /root/renewed && cat /root/renewed/apiserver.crt > ${pki}/apiserver.crt`);
    await until('renewed, not loaded', 'stale', (now) => now === 1);
    expect(await value('not_after')).toBe(before);
    await onPlane(`cat /root/renewed/apiserver.key > ${pki}/apiserver.key && rm -r /root/renewed`);
    await until('renewed and loaded', 'stale', (now) => now === 0);
    const renewed = await until('a later end', 'not_after', (now) => now > before);
    expect(await value('verified')).toBe(1);

    // In place, as kubeadm's documentation has it; the kube-apiserver takes it up by itself.
    await onPlane('kubeadm certs renew apiserver');
    await until('renewed in place', 'not_after', (now) => now > renewed);
    await until('the one on disk', 'stale', (now) => now === 0);
  }, 420_000);
}

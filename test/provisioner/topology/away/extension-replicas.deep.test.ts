/** The extension away in part, or with a certificate that has expired: docs/clusters.md, below the table "When something is away". */
import { afterEach, expect, test } from '@jest/globals';
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { wholePlaneNeeds } from '../management-plane.ts';
import { oneAddress } from '../one-address.ts';
import { workers } from './cluster-under-test.ts';
import { cannotAsk, minutes, surroundings } from './surroundings.ts';

describeWith(wholePlaneNeeds, 'the certificate of the extension, or one of its two replicas', () => {
  const around = surroundings();
  const server = (notAfter?: Date) => around().life.plane.api.ca.issue({ commonName: 'localhost', dnsNames: ['localhost'], addresses: ['127.0.0.1'], usage: 'server', ...(notAfter ? { notAfter } : {}) });
  afterEach(async () => {
    await around().life.plane.giveExtension(await server());
    await around().life.plane.startExtensionAgain().catch(() => undefined);
  });

  test('expired, it is as away, and the Clusters say why; renewed, it needs no restart', async () => {
    const { life: { plane }, cluster } = around();
    const [cert, certNew] = [cluster('cert'), cluster('cert-new')];
    await cert.create();
    await cert.whenMade();
    await plane.giveExtension(await server(new Date(Date.now() - 60_000)));
    // Connections that are open go on; a restart closes them.
    await plane.killExtension();
    await plane.startExtensionAgain();
    await certNew.create();
    await cert.scale(2);
    await certNew.whenSaid('TopologyReconciled', /certificate has expired/);
    await cert.whenSaid('TopologyReconciled', /certificate has expired/);
    await cert.whenReplaced(workers, await cert.giveUp(workers));
    expect(await certNew.infrastructure()).toBeUndefined();
    expect(await cert.machines(workers)).toHaveLength(1);
    await plane.giveExtension(await server());
    await cert.nudge();
    await certNew.nudge();
    await certNew.whenMade();
    await cert.whenMachines(2);
    await certNew.remove();
    await certNew.whenGone();
  }, 14 * minutes);

  test('restarted one after the other, nothing waits and nothing says so', async () => {
    const { life: { plane }, cluster } = around();
    const cert = cluster('cert');
    const address = await oneAddress();
    const replicas = [await plane.anotherExtension(3_000), await plane.anotherExtension(3_000)];
    for (const replica of replicas) address.add(replica);
    const before = (await plane.client.get<KubeObject & { spec: { clientConfig: { url: string } } }>(resources.extensionConfigs, { name: 'keelson' }))!.spec.clientConfig.url;
    const point = (url: string): Promise<unknown> => plane.client.patch(resources.extensionConfigs, { name: 'keelson' }, { type: 'merge', body: { spec: { clientConfig: { url } } } });
    const said: string[] = [];
    try {
      await point(`https://127.0.0.1:${address.port}`);
      await plane.killExtension();
      await cert.scale(1);
      await cert.whenMachines(1);
      for (const [i, old] of replicas.entries()) {
        const stopped = old.stop();
        // Asked all the while, by a change of the Cluster each half second.
        for (let round = 0; round < 8; round++) {
          await cert.nudge();
          await new Promise((resolve) => setTimeout(resolve, 500));
          const { status, message } = (await cert.condition('TopologyReconciled'))!;
          if (status !== 'True' && cannotAsk.test(message)) said.push(message);
        }
        await stopped;
        address.remove(old);
        replicas[i] = await plane.anotherExtension(3_000);
        address.add(replicas[i]);
      }
      await cert.scale(2);
      await cert.whenMachines(2);
      expect(said).toEqual([]);
      expect(address.unanswered()).toBe(0);
    } finally {
      await plane.startExtensionAgain();
      await point(before);
      await Promise.all(replicas.map((replica) => replica.stop()));
      await address.stop();
    }
    await cert.remove();
    await cert.whenGone();
  }, 14 * minutes);
});

/** The controller of silences as a process of its own, to be killed: node operator-process.ts <kubeconfig> <Alertmanagers, separated by commas>. */
import { readFile } from 'node:fs/promises';
import { Registry } from 'prom-client';
import { fromKubeconfig, Reflector, resources } from '../../../../provisioner/kube/index.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { silencesController } from '../../../../provisioner/operators/silences/controller.ts';
import type { SilenceObject, WindowObject } from '../../../../provisioner/operators/silences/wanted.ts';
import { startControllers, testContext } from '../surroundings.ts';

const [kubeconfig = '', urls = ''] = process.argv.slice(2);
const client = await fromKubeconfig(await readFile(kubeconfig, 'utf8'), { userAgent: 'keelson-operator' });
const context = testContext(client);
const seams = { client, log: context.log };
startControllers([silencesController({
  context, registry: new Registry(), urls: urls.split(','), ownerNamespaces: ['keelson-system'], intervalMs: 500, settleMs: 100,
  silences: new Reflector<SilenceObject>({ ...seams, resource: resources.silences }),
  windows: new Reflector<WindowObject>({ ...seams, resource: resources.maintenanceWindows }),
  clusters: new Reflector<Cluster>({ ...seams, resource: resources.clusters }),
})]);

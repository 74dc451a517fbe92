/**
 * The closing act: a certificate on a worker that expires in a day travels through cert-exporter, the workload cluster's
 * Prometheus, federation, the alert and Alertmanager to the pager; repaired, its page is resolved.
 */
import { resources } from '../../provisioner/kube/index.ts';
import type { Page } from '../pager/index.ts';
import { renderTerminal } from '../pager/index.ts';
import { demoCluster, kubeOf, managementName, worldOf, type FleetContext } from './context.ts';
import { certificateFor } from './demo-certificate.ts';
import { FleetError } from './errors.ts';
import { pagerAddress, readPages } from './pages.ts';
import { runPhases, type Phase, type PhasesResult, type Progress } from './phases.ts';
import { notYet, ready, until } from './until.ts';

/** In a folder that cert-exporter watches on every node. */
const certificatePath = '/etc/kubernetes/pki/keelson-demo.crt';

/** @param show gets what a person on call would see */
export function runDemo(context: FleetContext, progress: Progress, show: (text: string) => void = () => undefined): Promise<PhasesResult> {
  return runPhases(demoPhases(show), context, { progress, signal: context.signal, now: () => performance.now() });
}

function demoPhases(show: (text: string) => void): readonly Phase<FleetContext>[] {
  return [
    { name: 'demo-certificate', title: 'A certificate that expires in a day, on a worker', run: (context, step) => putCertificate(context, 1, step) },
    { name: 'demo-page', title: 'Its page', run: (context, step) => pageIs(context, 'firing', show, step) },
    { name: 'demo-repair', title: 'The repair: a certificate that is good for a year', run: (context, step) => putCertificate(context, 365, step) },
    { name: 'demo-resolved', title: 'The page resolved', run: (context, step) => pageIs(context, 'resolved', show, step) },
  ];
}

async function putCertificate(context: FleetContext, days: number, step: (what: string) => void): Promise<void> {
  const { id, name } = await workerServer(context);
  step(`${certificatePath} on ${name}`);
  const stdin = await certificateFor(days, new Date());
  // A new file moved over the old one, as kubeadm and cert-manager write: nobody reads half a certificate.
  const script = `mkdir -p "$(dirname ${certificatePath})" && cat > ${certificatePath}.new && mv ${certificatePath}.new ${certificatePath}`;
  const result = await worldOf(context).exec(id, { argv: ['sh', '-c', script], stdin }, context.signal);
  if (result.status !== 0) throw new FleetError('FLEET_PHASE_FAILED', `writing ${certificatePath} on ${name}: ${result.stderr.trim()}`);
}

/** The server of the first worker Machine: its id stands in the Machine's providerID. */
async function workerServer(context: FleetContext): Promise<{ id: string; name: string }> {
  const kube = await kubeOf(context, managementName);
  try {
    const { items } = await kube.list(resources.machines, { namespace: demoCluster.namespace, labelSelector: `cluster.x-k8s.io/cluster-name=${demoCluster.name},!cluster.x-k8s.io/control-plane`, signal: context.signal });
    const [machine] = items.sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
    const id = (machine?.['spec'] as { providerID?: string } | undefined)?.providerID?.split('/').at(-1);
    if (!machine || !id) throw new FleetError('FLEET_NOT_RUNNING', `cluster ${demoCluster.name} has no worker with a server; run "keelson up"`);
    return { id, name: machine.metadata.name };
  } finally {
    kube.close();
  }
}

async function pageIs(context: FleetContext, state: Page['state'], show: (text: string) => void, step: (what: string) => void): Promise<void> {
  const address = await pagerAddress(context);
  const page = await until('page', async () => {
    const pages = await readPages(address, context.signal);
    const found = pages.find((p) => p.alert.startsWith('Certificate') && p.cluster === demoCluster.name && Object.values(p.labels).some((value) => value.includes('keelson-demo')));
    if (!found) return state === 'firing' ? notYet('none yet') : notYet('the page is gone, not resolved');
    return found.state === state ? ready(found) : notYet(found.state);
  }, { signal: context.signal, timeoutMs: 300_000, step });
  show(`\n${renderTerminal([page], { now: new Date(), baseUrl: address })}\n\n`);
}

/**
 * A kubeconfig for each person of an organization. The sandbox has no identity provider, so people log in to the management
 * cluster with client certificates; what they may do follows from the Organization, as it would for a token.
 */
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeClient } from '../../../provisioner/kube/index.ts';
import { systemClock } from '../../../provisioner/kube/index.ts';
import { signLogin } from '../../../provisioner/operators/access/signing.ts';
import { managementName, type FleetContext } from '../context.ts';
import type { PersonStatus } from '../fleet-status.ts';
import { asPerson } from '../kubeconfig.ts';
import { kubeconfigPath } from '../places.ts';
import { personalRoles, personName, userName } from './organization-object.ts';

/** A fleet in a box is not older. */
const lifeMs = 365 * 24 * 3_600_000;

/** Those that are there stay. @throws OperatorError SIGNING_FAILED; KubeError */
export async function writePeople(context: FleetContext, kube: KubeClient, organization: string): Promise<void> {
  const management = await readFile(kubeconfigPath(context.places, managementName), 'utf8');
  for (const role of personalRoles) {
    const file = kubeconfigPath(context.places, personName(organization, role));
    if (await access(file).then(() => true, () => false)) continue;
    const why = `${role} of organization ${organization} in the sandbox`;
    const { certificate, key } = await signLogin(kube, { user: userName(organization, role), groups: [] }, { lifeMs, why, clock: systemClock, signal: context.signal });
    await writeFile(file, asPerson(management, { name: personName(organization, role), certificate, key }), { mode: 0o600 });
  }
}

/** Everybody who has a kubeconfig in the state folder. */
export async function peopleOf({ places }: FleetContext): Promise<PersonStatus[]> {
  const files = await readdir(places.state).catch(() => []);
  return files.toSorted().flatMap((file) => {
    const [, organization, role] = new RegExp(`^kubeconfig-(.+)-(${personalRoles.join('|')})$`).exec(file) ?? [];
    return organization === undefined || role === undefined ? [] : [{ name: `${organization}-${role}`, organization, role, kubeconfig: join(places.state, file) }];
  });
}

/** What the defaults of a tenant's namespace promise, as a contract: pods of the namespace reach each other and resolve names. */
import { callsDns, type Contract, tcp } from '../contract.ts';

export const tenantContract = (namespace: string): Contract => ({
  component: `tenant ${namespace}`,
  pods: { namespace, labels: {} },
  listens: { any: tcp('api', 1, { endPort: 65535 }) },
  serves: [],
  calls: [{ to: { kind: 'self', listener: 'any' }, reason: 'pods of one namespace' }, callsDns('names')],
});

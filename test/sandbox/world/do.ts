/** One action on a world, as a process of its own inside the test's machine: argv[2] is JSON, the outcome goes to standard output as JSON. */
import { cleanUp, startWorld, stopWorld, WorldClient, type RelayRequest } from '../../../sandbox/world/index.ts';
import { tenantOf, type TenantServer } from './tenant.ts';

export interface Action {
  readonly do: 'start' | 'stop' | 'clean' | 'status' | 'relay' | 'unrelay' | 'tenant' | 'exec' | 'console';
  readonly state: string;
  readonly repository: string;
  readonly tools: string;
  readonly minimumFreeBytes?: number;
  readonly relay?: RelayRequest;
  readonly name?: string;
  readonly argv?: readonly string[];
  readonly server?: boolean;
  readonly servers?: readonly TenantServer[];
}

const action = JSON.parse(process.argv[2] ?? '') as Action;
const client = new WorldClient(action.state);
const actions: Record<Action['do'], () => Promise<unknown>> = {
  start: async () => {
    const { status, isNew, isResumed } = await startWorld({
      stateFolder: action.state, toolsFolder: action.tools, repository: action.repository, ...(action.minimumFreeBytes !== undefined && { minimumFreeBytes: action.minimumFreeBytes }),
    });
    return { status, isNew, isResumed };
  },
  stop: () => stopWorld(action.state),
  clean: () => cleanUp(action.state),
  status: () => client.status(),
  relay: () => client.addRelay(action.relay!),
  unrelay: () => client.removeRelay(action.name!),
  tenant: () => tenantOf(client, action.state, { servers: action.servers ?? (action.server ? [{ name: 'tenant' }] : []) }),
  exec: () => client.exec(action.name!, { argv: [...(action.argv ?? ['true'])] }),
  console: () => client.console(action.name!),

};
try {
  console.log(JSON.stringify({ value: (await actions[action.do]()) ?? null }));
} catch (error) {
  console.log(JSON.stringify({ error: { code: (error as { code?: string }).code, message: (error as Error).message } }));
}

/** Serves the control interface. Only the owner of the state folder can reach it: the folder has mode 0700. */
import fastify, { type FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { execRequest, relayRequest, type ControlFailure, type ExecRequest, type ExecResult, type RelayRequest, type RelayStatus, type WorldStatus } from './control-api.ts';
import { FaultError, type FaultErrorCode } from '../faults/errors.ts';
import { faultRequest, type FaultRequest, type FaultStatus, type HealedFault } from '../faults/request.ts';
import { FaultError as ApiFaultError, type ActiveFault, type CallCount, type FaultErrorCode as ApiFaultErrorCode } from '../openstack/index.ts';
import { WorldError, type WorldErrorCode } from './errors.ts';

/** What the control interface can ask of a world. */
export interface Controlled {
  status(): WorldStatus;
  addRelay(request: RelayRequest): Promise<RelayStatus>;
  /** @returns false when there is none of that name */
  removeRelay(name: string): Promise<boolean>;
  exec(serverId: string, request: ExecRequest): Promise<ExecResult>;
  console(serverId: string, lines?: number): Promise<string>;
  calls(): readonly CallCount[];
  /** Makes calls of the cloud's API go wrong. @param rule anything; @throws FaultError FAULT_BAD_RULE, FAULT_NAME_TAKEN */
  breakApi(rule: unknown): ActiveFault;
  apiFaults(): readonly ActiveFault[];
  /** @param name all unless told. @throws FaultError FAULT_UNKNOWN */
  healApi(name?: string): readonly ActiveFault[];
  /** @throws FaultError of `sandbox/faults` */
  break(request: FaultRequest): Promise<FaultStatus>;
  faults(): Promise<readonly FaultStatus[]>;
  /** @param id all unless told. @throws FaultError FAULT_UNKNOWN, FAULT_NOT_HEALED */
  heal(id?: string): Promise<readonly HealedFault[]>;
  /** Begins to stop; the socket is closed soon after the answer. */
  stop(): void;
}

const statuses: Partial<Record<WorldErrorCode | FaultErrorCode | ApiFaultErrorCode, number>> = {
  WORLD_BAD_REQUEST: 400, WORLD_NOT_FOUND: 404, WORLD_PORT_TAKEN: 409, FAULT_BAD_RULE: 400, FAULT_UNKNOWN: 404, FAULT_NAME_TAKEN: 409,
  FAULT_UNKNOWN_TARGET: 404, FAULT_AMBIGUOUS_TARGET: 400, FAULT_BAD_PARAMETER: 400, FAULT_SERVER_GONE: 409, FAULT_UNSUPPORTED: 501,
};

export function controlServer(world: Controlled): FastifyInstance {
  const app = fastify({ logger: false, bodyLimit: 64 * 1024 * 1024, forceCloseConnections: true });
  app.setErrorHandler((error, _request, reply) => {
    const code = error instanceof WorldError || error instanceof FaultError || error instanceof ApiFaultError ? error.code : 'WORLD_FAILED';
    const message = error instanceof Error ? error.message : String(error);
    void reply.status(statuses[code] ?? 500).send({ code, message } satisfies ControlFailure);
  });
  app.get('/status', () => world.status());
  app.get('/calls', () => world.calls());
  app.get('/cloud/faults', () => world.apiFaults());
  app.post('/cloud/faults', (request) => world.breakApi(request.body));
  app.delete('/cloud/faults', () => world.healApi());
  app.delete<{ Params: { name: string } }>('/cloud/faults/:name', (request) => world.healApi(request.params.name));
  app.get('/faults', () => world.faults());
  app.post('/faults', (request) => world.break(valid(faultRequest, request.body)));
  app.delete('/faults', () => world.heal());
  app.delete<{ Params: { id: string } }>('/faults/:id', (request) => world.heal(request.params.id));
  app.post('/relays', (request) => world.addRelay(valid(relayRequest, request.body)));
  app.delete<{ Params: { name: string } }>('/relays/:name', async (request, reply) => {
    if (!await world.removeRelay(request.params.name)) throw new WorldError('WORLD_NOT_FOUND', `there is no relay ${request.params.name}`);
    return reply.status(204).send();
  });
  app.post<{ Params: { id: string } }>('/servers/:id/exec', (request) => world.exec(request.params.id, valid(execRequest, request.body)));
  app.get<{ Params: { id: string }; Querystring: { lines?: string } }>('/servers/:id/console', async (request, reply) => {
    const lines = request.query.lines === undefined ? undefined : Number(request.query.lines);
    return reply.type('text/plain; charset=utf-8').send(await world.console(request.params.id, lines));
  });
  app.post('/stop', (_request, reply) => {
    world.stop();
    return reply.status(202).send({});
  });
  return app;
}

function valid<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw new WorldError('WORLD_BAD_REQUEST', problems.join('; '));
}

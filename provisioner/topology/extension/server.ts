/** The HTTPS side: one POST route per handler, as Cluster API calls them. */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ApiError } from '../../api/errors.ts';
import type { Log } from '../../kube/log.ts';
import type { KeyPair } from './certificate.ts';
import { type ClassVersion, classVersions } from '../class/versions.ts';
import { discovery, handlersOf } from './handlers.ts';
import { failure, hooksApiVersion, type Outcome } from './hooks.ts';
import { admissionRoutes } from '../quota/routes.ts';
import type { Admission } from '../quota/admission.ts';
import type { ExtensionMetrics } from './metrics.ts';

export type ExtensionServer = FastifyInstance;

/** A topology of a thousand worker groups stays below this. */
const bodyLimit = 32 * 1024 * 1024;

/** Not listening yet. A request that is not JSON answers 400, an unknown handler 404, a fault of ours 500. */
export function buildServer(o: { keyPair: KeyPair; log: Log; metrics: ExtensionMetrics; admission?: Admission | undefined; versions?: readonly ClassVersion[] | undefined }): ExtensionServer {
  const server = fastify({ https: { cert: o.keyPair.cert, key: o.keyPair.key, minVersion: 'TLSv1.2' }, bodyLimit, requestTimeout: 10_000, logger: false });
  // Cluster API sends JSON without a content type.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, JSON.parse(String(body) || '{}'));
    } catch (error) {
      done(Object.assign(error as Error, { statusCode: 400 }), undefined);
    }
  });
  const route = (path: string, hook: string, answer: (request: unknown) => Outcome): void => {
    server.post(`/${hooksApiVersion}/${path}`, (request, reply) => respond({ ...o, hook, answer, request, reply }));
  };
  const handlers = handlersOf(o.versions ?? classVersions, o.metrics.classMatches);
  route('discovery', 'Discovery', () => discovery(handlers));
  for (const { name, hook, answer } of handlers) route(`${hook.toLowerCase()}/${name}`, hook, answer);
  admissionRoutes(server as unknown as FastifyInstance, o);
  return server as unknown as ExtensionServer;
}

interface Call {
  readonly hook: string;
  readonly answer: (request: unknown) => Outcome;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly log: Log;
  readonly metrics: ExtensionMetrics;
}

function respond(call: Call): FastifyReply {
  const started = process.hrtime.bigint();
  const seconds = (): number => Number(process.hrtime.bigint() - started) / 1e9;
  try {
    const outcome = answer(call);
    call.metrics.observe(call.hook, outcome.status === 'Success' ? 'success' : 'failure', seconds());
    const level = outcome.status === 'Failure' ? 'warn' : isQuiet(call.hook) ? 'debug' : 'info';
    call.log[level]({ hook: call.hook, ...subject(call.request.body), ...(outcome.message ? { message: outcome.message } : {}) }, `${call.hook}: ${outcome.status}`);
    return call.reply.send({ apiVersion: hooksApiVersion, kind: `${call.hook}Response`, ...outcome });
  } catch (error) {
    call.metrics.observe(call.hook, 'error', seconds());
    call.log.error({ hook: call.hook, ...subject(call.request.body), err: error }, `${call.hook}: fault`);
    return call.reply.code(500).send({ message: `keelson could not answer ${call.hook}; see the log of the topology extension` });
  }
}

/** Values that do not fit the published schema are the user's to correct; everything else is a fault of ours. */
function answer(call: Call): Outcome {
  try {
    return call.answer(call.request.body);
  } catch (error) {
    if (error instanceof ApiError) return failure(error.message);
    throw error;
  }
}

/** Hooks that come about once a second while a cluster moves. */
const isQuiet = (hook: string): boolean => hook === 'GeneratePatches' || hook === 'ValidateTopology';

/** Whom a request is about. Nothing else of it goes to the log. */
function subject(body: unknown): { cluster?: string } {
  const request = body as { cluster?: { metadata?: { namespace?: string; name?: string } }; variables?: { name: string; value?: { cluster?: { namespace?: string; name?: string } } }[] };
  const named = request.cluster?.metadata ?? request.variables?.find(({ name }) => name === 'builtin')?.value?.cluster;
  return named?.name ? { cluster: `${named.namespace}/${named.name}` } : {};
}

/** How API servers name kinds, asked once per group and version and kept for a while: what a chart holds may be anything. */
import { type Clock, type KubeClient, type Resource, resources, apiVersionOf } from '../../kube/index.ts';
import { servedResource } from '../served.ts';

const known = new Map<string, Resource>(Object.values(resources).map((resource) => [`${apiVersionOf(resource)} ${resource.kind}`, resource]));
/** A CRD that was just installed should be found soon, one that is served stays. */
const keepMs = { served: 600_000, missing: 5000 } as const;

interface Answer {
  readonly resource: Resource | undefined;
  readonly untilMs: number;
}

export class Kinds {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #answers = new Map<string, Answer>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** undefined where the kind is not served. @param place tells API servers apart @throws {KubeError} */
  async resourceOf(client: KubeClient, place: string, object: { readonly apiVersion: string; readonly kind: string }, signal?: AbortSignal): Promise<Resource | undefined> {
    const kind = `${object.apiVersion} ${object.kind}`;
    const fixed = known.get(kind);
    if (fixed) return fixed;
    const key = `${place} ${kind}`;
    const now = this.#clock.monotonicMs();
    const answer = this.#answers.get(key);
    if (answer && answer.untilMs > now) return answer.resource;
    const resource = await servedResource(client, object.apiVersion, object.kind, signal);
    this.#answers.set(key, { resource, untilMs: now + (resource ? keepMs.served : keepMs.missing) });
    return resource;
  }
}

/** Glance, the calls we make: https://docs.openstack.org/api-ref/image/v2/ */
import { z } from 'zod';
import { listAll } from './collection.ts';
import { checked } from './network.ts';
import type { CallOptions, Session } from './session.ts';

const image = z.looseObject({ id: z.string(), name: z.string().nullable(), status: z.string(), min_ram: z.number().default(0), min_disk: z.number().default(0), tags: z.array(z.string()).default([]) });

export type ImageRecord = z.output<typeof image>;

export class Image {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async images(query: Record<string, string>, call: Pick<CallOptions, 'signal'> = {}): Promise<ImageRecord[]> {
    const items = await listAll(this.#session, 'image', { path: '/v2/images', name: 'images' }, { ...call, query });
    return items.map((item) => checked(image, item, 'GET /v2/images'));
  }
}

/** A machine on which a user without any rights starts the world. */
import { join } from 'node:path';
import { toolsBin } from '../../fixtures/needs.ts';
import { asNobody } from '../../fixtures/nobody.ts';
import type { Action } from './do.ts';
import { Machine, repository } from './machine.ts';

/** Acts as nobody, who may not look into root's home: the checkout is bound where everybody can. */
export class NobodysMachine extends Machine {
  readonly #checkout = `${this.folder}/checkout`;

  override async start(): Promise<void> {
    await super.start();
    await this.sh(`cp -L '${join(toolsBin, 'one-user')}' ${this.folder}/tools/; mkdir ${this.#checkout}; mount --bind '${repository}' ${this.#checkout}`);
  }

  override argv(action: Action['do'], more: object = {}, prefix: readonly string[] = []): string[] {
    return [...asNobody, ...prefix, ...super.argv(action, more).map((word) => word.replaceAll(repository, this.#checkout))];
  }
}

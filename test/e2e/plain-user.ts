/** The commands of a user without any rights, against a fleet of their own. */
import { mkdirSync, chownSync } from 'node:fs';
import { Nobody, nobody } from '../fixtures/nobody.ts';
import { cache, Keelson, repository } from './keelson.ts';

export class PlainUserKeelson extends Keelson {
  readonly #user = new Nobody(this.stateHome, { [repository]: 'checkout', [cache]: '.cache/keelson' });

  constructor() {
    super();
    mkdirSync(this.state);
    chownSync(this.state, nobody, nobody);
  }

  protected override asUser(argv: readonly string[]): readonly string[] {
    return ['env', '-u', 'XDG_CACHE_HOME', '-u', 'KEELSON_TOOLS_DIR', ...this.#user.command(argv)];
  }
}

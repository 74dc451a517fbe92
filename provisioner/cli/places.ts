import { placesOf, type Places } from '../../sandbox/fleet/places.ts';
import type { CliContext } from './context.ts';

/** The sandbox's folders for the user who runs the command. */
export function placesFor(context: CliContext): Places {
  return placesOf({ home: context.home, repository: context.repository, cacheHome: context.env['XDG_CACHE_HOME'], stateHome: context.env['XDG_STATE_HOME'] });
}

/** Where the sandbox keeps things: one cache that may be shared and deleted at will, one state folder per user (XDG Base Directory Specification 0.8). */
import { join } from 'node:path';

export interface Places {
  /** Tools, Go build and module caches. */
  readonly cache: string;
  /** The flat folder of pinned tools. */
  readonly tools: string;
  /** Everything of the running fleet. */
  readonly state: string;
  /** OCI layouts of our own images. */
  readonly images: string;
  /** The checkout. */
  readonly repository: string;
}

export interface PlacesInput {
  readonly home: string;
  readonly repository: string;
  readonly cacheHome?: string | undefined;
  readonly stateHome?: string | undefined;
}

/** Relative XDG paths are ignored, as the specification asks. */
export function placesOf(input: PlacesInput): Places {
  const absolute = (path: string | undefined, otherwise: string): string => (path?.startsWith('/') ? path : join(input.home, otherwise));
  const cache = join(absolute(input.cacheHome, '.cache'), 'keelson');
  const state = join(absolute(input.stateHome, '.local/state'), 'keelson');
  return { cache, tools: join(cache, 'tools', 'bin'), state, images: join(state, 'images'), repository: input.repository };
}

/** The kubeconfig that the user's shell uses for a cluster of the fleet. */
export function kubeconfigPath(places: Places, cluster: string): string {
  return join(places.state, `kubeconfig-${cluster}`);
}

/** What the supervisor tells the world process, as a file in the run folder. */
import { z } from 'zod';

export const worldConfiguration = z.object({
  stateFolder: z.string().startsWith('/'),
  /** Folder of the pinned tools, shown to servers. */
  toolsFolder: z.string().startsWith('/'),
  /** Folder of OCI layouts of our own images. */
  imagesFolder: z.string().startsWith('/').optional(),
  /** The checkout: runbooks and the programs of the sandbox. */
  repository: z.string().startsWith('/'),
  /** Of the running world, new with each start; ties what it leaves to it. */
  id: z.string(),
});

export type WorldConfiguration = z.infer<typeof worldConfiguration>;

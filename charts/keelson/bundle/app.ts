/** An app of the bundle as it is written here: chart and version follow from its name. */
import type { z } from 'zod';
import type { bundleApp } from '../../../provisioner/api/cluster-bundle.ts';

type Input = z.input<typeof bundleApp>;

export type App = Omit<Input, 'chart' | 'version'>;

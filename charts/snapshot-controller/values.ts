/** Values of the chart snapshot-controller. */
import { z } from 'zod';
import { image, networkPolicy, placement, resources } from '../render/fragments.ts';
import { versions } from '../render/upstream/versions.ts';

const snapshotClass = z.object({
  name: z.string().min(1).max(253).describe('Name of the class.'),
  driver: z.string().min(1).max(63).describe('CSI driver that makes snapshots of its volumes.'),
  deletionPolicy: z.enum(['Delete', 'Retain']).default('Delete').describe('What becomes of the snapshot in the cloud when its VolumeSnapshot goes.'),
  isDefault: z.boolean().default(false).describe('Taken for VolumeSnapshots of this driver that name no class.'),
  parameters: z.record(z.string(), z.string()).default({}).describe('For the driver.'),
});

export const values = z.object({
  image: image('registry.k8s.io', 'sig-storage/snapshot-controller', versions['github.com/kubernetes-csi/external-snapshotter/v8']),
  replicas: z.int().min(1).max(3).default(2).describe('Pods; one works, the others stand by.'),
  classes: z.array(snapshotClass).default([]).describe('VolumeSnapshotClasses to make.'),
  resources: resources({ cpu: '10m', memory: '32Mi' }, { memory: '256Mi' }),
  networkPolicy: networkPolicy({ scraped: false }),
  ...placement([]),
});

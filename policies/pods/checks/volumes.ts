/** Which volumes a restricted pod may mount: those that bring no server, disk or directory of its own choice. */
import type { Check } from '../check.ts';

export const restrictedVolumes: Check = {
  id: 'restrictedVolumes',
  level: 'restricted',
  title: 'volume types',
  why: 'Volumes written into the pod name servers and disks; a PersistentVolumeClaim names what an administrator offers.',
  revisions: [
    {
      since: 0,
      rules: [
        {
          kind: 'volumes',
          // image came without a version of its own: its field did not exist before.
          allowed: ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'],
          others: [
            'awsElasticBlockStore', 'azureDisk', 'azureFile', 'cephfs', 'cinder', 'fc', 'flexVolume', 'flocker', 'gcePersistentDisk', 'gitRepo', 'glusterfs',
            'hostPath', 'iscsi', 'nfs', 'photonPersistentDisk', 'portworxVolume', 'quobyte', 'rbd', 'scaleIO', 'storageos', 'vsphereVolume',
          ],
          fix: 'use a persistentVolumeClaim, or another of the allowed types',
        },
      ],
    },
  ],
  replaces: 'hostPathVolumes',
  source: 'policy/check_restrictedVolumes.go',
};

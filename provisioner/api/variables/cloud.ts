/** The variable `cloud`: which OpenStack a cluster lives in, and with whose credentials it is made. */
import { z } from 'zod';
import { immutable, rules } from '../openapi.ts';
import { secretName, zoneOfVolume } from './fields.ts';

const identity = z
  .object({
    type: z.enum(['Secret', 'ClusterIdentity']).default('Secret').describe('Where the credentials are: a Secret beside the Cluster, or an OpenStackClusterIdentity that admits its namespace.'),
    name: secretName.default('cloud').describe('Name of the Secret (keys clouds.yaml and, for a private CA, cacert) or of the OpenStackClusterIdentity.'),
    cloudName: z.string().min(1).max(63).default('openstack').describe('Entry of clouds.yaml to use.'),
  })
  .prefault({})
  .describe('Credentials for OpenStack.');

export const cloud = z
  .object({
    identity,
    region: z.string().min(1).max(255).optional().meta(rules(immutable('the region', 'every server, network and volume'))).describe('OpenStack region; not given: the one in clouds.yaml.'),
    claimZone: zoneOfVolume
      .optional()
      .describe("Zone of the volumes that pods claim: `server` or not given, that of the node (clouds whose Cinder zones are named like Nova's); `default`: Cinder decides, and a volume follows its pod into every zone (Nova's `cross_az_attach`). A change touches no machine; volumes that are bound to a zone already stay so."),
  })
  .describe('The OpenStack cloud the cluster lives in.');

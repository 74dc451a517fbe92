/** Fields that several variables share: each with the bounds that CEL cost estimates need. */
import { z } from 'zod';
import { rules, type Rule } from '../openapi.ts';

/** Longest text of an IPv4 or IPv6 CIDR. */
const maxCidr = 43;

/** Name of something in OpenStack. */
export const resourceName = z.string().min(1).max(255);

/** As CAPO wants ids of Neutron. */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Something in OpenStack by id or by name. @param more rules: a second `.meta(rules(…))` would replace the first */
export const reference = (what: string, ...more: readonly Rule[]) =>
  z
    .object({
      id: z.string().max(36).regex(uuid).optional().describe(`Id of the ${what}.`),
      name: resourceName.optional().describe(`Name of the ${what}.`),
    })
    .meta(rules({ rule: 'has(self.id) != has(self.name)', message: `give either the id or the name of the ${what}` }, ...more));

export const cidr = z.string().min(3).max(maxCidr).meta(rules({ rule: 'isCIDR(self)', message: 'must be a CIDR' }));
/** IPv4 range by its first address, so that it is written one way only. */
export const byFirstAddress: Rule = { rule: 'isCIDR(self) && cidr(self).ip().family() == 4 && cidr(self) == cidr(self).masked()', message: 'must be an IPv4 CIDR by its first address, such as 203.0.113.0/24' };
export const ipv4Cidr = z.string().min(9).max(18).meta(rules(byFirstAddress));
export const address = z.string().min(2).max(39).meta(rules({ rule: 'isIP(self)', message: 'must be an IP address' }));
export const ipv4 = z.string().min(7).max(15).meta(rules({ rule: 'isIP(self) && ip(self).family() == 4', message: 'must be an IPv4 address' }));

/** RFC 1123 host name or IP address. */
export const hostName = z.string().min(1).max(253).regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/);
/** What kubeadm puts into a certificate: an address, or a DNS name in lower case, perhaps with a wildcard in front. */
export const certificateName = z
  .string()
  .min(1)
  .max(253)
  .meta(rules({ rule: "isIP(self) || self.matches('^([*][.])?[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')", message: 'must be an IP address or a DNS name in lower case' }));
export const httpUrl = z.string().min(8).max(512).regex(/^https?:\/\/[^\s'"\\]+$/);
/** Host, port and path: an API server does not start with an issuer that has a login, a query or a fragment. */
export const httpsUrl = z.string().min(9).max(512).regex(/^https:\/\/[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?(:[0-9]{1,5})?(\/([-._~!$&()*+,;=:@\/A-Za-z0-9]|%[0-9A-Fa-f]{2})*)?$/);

/** One or more certificates. Cluster API takes 10 KiB in a file of a node. */
export const pem = z.string().min(64).max(10_000).regex(/^\s*-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----\s*$/);

/** Name of a Secret beside the Cluster. */
export const secretName = z.string().min(1).max(253).regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

export const zoneOfVolume = z.enum(['server', 'default']);

/** A Cinder volume. */
const volumeFields = {
  sizeGiB: z.int().min(10).max(16_384).describe('Size in GiB.'),
  type: resourceName.optional().describe("Cinder volume type. Not given: the cloud's default."),
  zone: zoneOfVolume
    .optional()
    .describe("Zone of the volume: `server`, the zone of its server (clouds whose Cinder zones are named like Nova's); `default` or not given: Cinder decides."),
};

/** The disk a server boots from, as a volume; without it the disk is the flavor's. */
export const rootVolume = z.object(volumeFields);

/** A file system of its own for etcd, so that nothing else delays its writes. */
export const etcdVolume = z.object(volumeFields);

export const extraVolume = z.object({
  name: z.string().min(1).max(32).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/).meta(rules({ rule: "self != 'etcd' && self != 'root'", message: 'etcd and root are names of their own' })).describe('Name of the volume, part of its name in Cinder.'),
  ...volumeFields,
  mountPath: z.string().min(2).max(255).regex(/^\/[A-Za-z0-9._/-]+$/).optional().describe('Where it is mounted, with an ext4 file system. Not given: the disk is left as it is.'),
});

const uniqueNames = rules({ rule: 'self.all(volume, self.exists_one(other, other.name == volume.name))', message: 'names of volumes must not repeat' });
export const extraVolumes = z.array(extraVolume).max(8).meta(uniqueNames);

/** Key of a label that a kubelet may give its own Node. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction */
const labelKey = z
  .string()
  .min(1)
  .max(317)
  .regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/);
const labelValue = z.string().max(63).regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/);

/** Labels of the Nodes, set by the kubelet when it registers. */
export const nodeLabels = z
  .array(z.object({ key: labelKey.describe('Key.'), value: labelValue.default('').describe('Value.') }))
  .max(32)
  .meta(
    rules(
      { rule: 'self.all(label, self.exists_one(other, other.key == label.key))', message: 'keys of labels must not repeat' },
      {
        rule: "self.all(label, !label.key.matches('(^|[.])(kubernetes|k8s)[.]io/') || label.key.startsWith('node.kubernetes.io/') || label.key.startsWith('kubelet.kubernetes.io/'))",
        message: 'a kubelet may not give its Node labels below kubernetes.io or k8s.io, node.kubernetes.io apart (NodeRestriction)',
      },
    ),
  );

export const nodeTaints = z
  .array(
    z.object({
      key: labelKey.describe('Key.'),
      value: labelValue.optional().describe('Value.'),
      effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).describe('What happens to pods that do not bear it.'),
    }),
  )
  .max(16);

/** Servers of a group on different hosts. */
export const serverGroup = z.enum(['soft-anti-affinity', 'anti-affinity', 'none']);
/** What control plane and worker groups have where nobody says otherwise: a host that dies takes as few of them as can be. */
export const usualServerGroup = 'soft-anti-affinity' satisfies z.output<typeof serverGroup>;

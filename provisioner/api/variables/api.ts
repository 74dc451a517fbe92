/** The variable `api`: how the API server is reached, whom it lets in, and what it writes down. */
import { z } from 'zod';
import { immutable, rules } from '../openapi.ts';
import { audit } from './audit.ts';
import { authentication } from './authentication.ts';
import { certificateName, cidr, ipv4, resourceName } from './fields.ts';

const endpoint = 'the endpoint of the API server, every kubeconfig and every node';

const loadBalancer = z
  .object({
    provider: z
      .enum(['ovn', 'amphora', 'none'])
      .default('ovn')
      .meta(rules(immutable('the load balancer provider', endpoint)))
      .describe('Octavia provider; `none`: no load balancer, the only control plane server has the floating IP.'),
    flavor: resourceName.optional().meta(rules(immutable('the flavor of the load balancer', endpoint))).describe("Octavia flavor. Not given: the provider's default."),
    zone: resourceName.optional().meta(rules(immutable('the zone of the load balancer', endpoint))).describe('Availability zone in Octavia. Not given: Octavia decides.'),
    allowedCidrs: z
      .array(cidr)
      .max(64)
      .default([])
      .describe("Who may reach the API server; empty: everyone. The cluster's own networks and the management cluster's way out are always let in. With amphora the load balancer keeps to it. The OVN provider has no such list: there the control plane nodes do, by a host policy of Cilium (condition keelson.dev/ApiAccessRestricted)."),
  })
  .meta(
    rules({ rule: "self.provider != 'none' || (!has(self.flavor) && !has(self.zone))", message: 'flavor and zone are those of a load balancer' }),
  )
  .prefault({})
  .describe('Load balancer of the API server.');

const floatingIp = z
  .object({
    mode: z
      .enum(['new', 'existing', 'none'])
      .default('new')
      .meta(rules(immutable('where the floating IP comes from', endpoint)))
      .describe('`new`: one is made and goes with the cluster. `existing`: `address`, which stays. `none`: the API server is reached inside the network only.'),
    address: ipv4.optional().meta(rules(immutable('the floating IP', endpoint))).describe('The floating IP of mode `existing`.'),
    fixedIp: ipv4.optional().meta(rules(immutable('the address of the API server', endpoint))).describe('With mode `none`: the address in the subnet. Not given: one is taken.'),
  })
  .meta(
    rules(
      { rule: "(self.mode == 'existing') == has(self.address)", message: 'mode existing, and only it, has an address' },
      { rule: "self.mode == 'none' || !has(self.fixedIp)", message: 'only mode none has a fixed address' },
    ),
  )
  .prefault({})
  .describe('Floating IP of the API server.');

const podSecurityLevel = z.enum(['privileged', 'baseline', 'restricted']);
const podSecurity = z
  .object({
    enforce: podSecurityLevel.default('baseline').describe('What a namespace without a label of its own admits.'),
    audit: podSecurityLevel.default('restricted').describe('What is noted in the audit log.'),
    warn: podSecurityLevel.default('restricted').describe('What users are warned of.'),
    exemptNamespaces: z.array(z.string().min(1).max(63).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)).max(64).default(['kube-system', 'keelson-system']).meta(rules({ rule: 'self.all(one, self.exists_one(other, other == one))', message: 'namespaces must not repeat' })).describe('Namespaces that are not looked at.'),
  })
  .prefault({})
  .describe('PodSecurity: the level of namespaces that say none.');

const eventRateLimit = z
  .object({
    serverPerSecond: z.int().min(10).max(10_000).default(500).describe('Events a second that the API server takes.'),
    namespacePerSecond: z.int().min(1).max(10_000).default(50).describe('Events a second of one namespace. Ten times as many may come at once.'),
  })
  .prefault({})
  .describe('EventRateLimit (CIS 1.2.9).');

const admission = z
  .object({
    podSecurity,
    eventRateLimit,
    alwaysPullImages: z.boolean().default(false).describe('AlwaysPullImages (CIS 1.2.11): images are checked against the registry for every pod, which must then always answer.'),
  })
  .prefault({})
  .describe('Admission plugins. NodeRestriction and DenyServiceExternalIPs are always on.');

/**
 * TLS 1.2 with forward secrecy and authenticated encryption, the strongest habits first; names of Go's crypto/tls. Every
 * API server that the class makes clusters of knows them (test/provisioner/topology/hardening.integration.test.ts asks it).
 */
export const cipherSuites = [
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
] as const;

const tls = z
  .object({
    minVersion: z.enum(['1.2', '1.3']).default('1.2').describe('Oldest TLS that API server, controller manager, scheduler, etcd and kubelet speak. With 1.2 only suites with forward secrecy and authenticated encryption.'),
    cipherSuites: z
      .array(z.enum(cipherSuites))
      .min(1)
      .max(cipherSuites.length)
      .meta(
        rules(
          { rule: 'self.all(suite, self.exists_one(other, other == suite))', message: 'suites must not repeat' },
          { rule: "'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' in self", message: 'must have TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: the keys of kubeadm are RSA, and without AES-128 HTTP/2 does not start' },
        ),
      )
      .optional()
      .describe('Suites of TLS 1.2 of the same components, for those who want fewer. Not given: all that are listed here. Those of TLS 1.3 are chosen by Go.'),
  })
  .meta(rules({ rule: "!has(self.cipherSuites) || self.minVersion == '1.2'", message: 'with TLS 1.3 Go chooses the suites, and etcd refuses to be told any' }))
  .prefault({})
  .describe('TLS.');

const version = z.string().max(16).regex(/^v1\.[0-9]{1,3}$/);
const featureGate = z.object({
  name: z.string().min(2).max(128).regex(/^[A-Z][A-Za-z0-9]+$/).describe('Name of the gate.'),
  enabled: z.boolean().describe('On or off.'),
  components: z
    .array(z.enum(['apiServer', 'controllerManager', 'scheduler', 'kubelet']))
    .min(1)
    .max(4)
    .default(['apiServer', 'controllerManager', 'scheduler', 'kubelet'])
    .describe('Who is told. A component that does not know a gate does not start.'),
  from: version.optional().describe('First Kubernetes that is told, such as v1.35.'),
  until: version.optional().describe('Last Kubernetes that is told.'),
});

export const api = z
  .object({
    loadBalancer,
    floatingIp,
    port: z.int().min(1024).max(29_999).default(6443).meta(rules(immutable('the port of the API server', endpoint))).describe('Port of the API server, on load balancer and servers.'),
    certificateNames: z.array(certificateName).max(32).default([]).describe("Further names and addresses in the API server's certificate. localhost and 127.0.0.1 are in it, for tunnels."),
    authentication,
    audit,
    encryption: z
      .enum(['secretbox', 'none'])
      .default('secretbox')
      .meta(rules(immutable('encryption at rest', 'everything that is stored')))
      .describe('How Secrets are encrypted in etcd. The key is made once, in the Secret <cluster>-encryption beside the Cluster; without it no backup of etcd can be read.'),
    admission,
    tls,
    featureGates: z.array(featureGate).max(32).default([]).describe('Feature gates, by Kubernetes version.'),
    requestsPerCore: z.int().min(50).max(1000).default(200).describe('Requests that the API server works on at the same time, for each core of its server; a third of them may write. Priority and fairness shares them out.'),
  })
  .describe('The API server.');

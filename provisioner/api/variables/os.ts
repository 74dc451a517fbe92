/** The variable `os`: what the nodes' operating system is told. */
import { z } from 'zod';
import { rules } from '../openapi.ts';
import { hostName, httpUrl, pem, resourceName, secretName } from './fields.ts';

const registryMirror = z.object({
  registry: hostName.describe('Host (and port) of the registry that is mirrored, such as docker.io.'),
  endpoints: z.array(httpUrl).min(1).max(4).describe('Mirrors in the order they are asked; the registry itself comes last.'),
  credentialsSecret: secretName.optional().describe('Secret beside the Cluster whose key hosts.toml is the whole containerd file for this registry, with credentials. It wins over endpoints.'),
});

const proxy = z
  .object({
    http: httpUrl.optional().describe('Proxy for http.'),
    https: httpUrl.optional().describe('Proxy for https.'),
    noProxy: z.array(z.string().min(1).max(253).regex(/^[A-Za-z0-9.*:/_-]+$/)).max(64).default([]).describe("Further names and ranges that are reached directly. The cluster's own networks, names and the metadata service always are."),
  })
  .meta(rules({ rule: 'has(self.http) || has(self.https)', message: 'give a proxy for http, https or both' }))
  .optional()
  .describe("Proxy of containerd, which fetches the images. Nothing else on a node is told of it: not the kubelet, which must never ask the API server through it, and not what cloud-init runs.");

const user = z.object({
  name: z.string().min(1).max(32).regex(/^[a-z_][a-z0-9_-]*$/).describe('Login name.'),
  sshKeys: z.array(z.string().min(16).max(2048).regex(/^(ssh|ecdsa|sk)-[^\n]+$/)).max(8).default([]).describe('Public keys that may log in.'),
  sudo: z.boolean().default(false).describe('May become root without a password.'),
});

const sysctl = z.object({
  name: z.string().min(3).max(128).regex(/^[a-z0-9_]+([./][A-Za-z0-9_-]+)+$/).describe('Name, such as net.core.somaxconn.'),
  value: z.string().min(1).max(128).regex(/^[A-Za-z0-9 \t:,._-]+$/).describe('Value.'),
});

export const os = z
  .object({
    format: z
      .enum(['cloud-config', 'ignition'])
      .default('cloud-config')
      .describe('What sets a node up at its first start: `cloud-config`, cloud-init; `ignition`, Ignition of Flatcar Container Linux (alpha in Cluster API; no cluster of it has been run here). Has to fit the images; a change replaces every machine.'),
    sshKey: resourceName.optional().describe("Nova key pair that cloud-init gives the image's own user."),
    sshCertificateAuthorities: z.array(z.string().min(16).max(2048).regex(/^(ssh|ecdsa|sk)-[^\n]+$/)).max(8).default([]).describe('Public keys of your SSH certificate authorities: sshd takes user certificates that they signed.'),
    users: z.array(user).max(16).default([]).describe('Users that are made.'),
    ntpServers: z.array(hostName).max(8).default([]).describe("Time servers. None: the image's."),
    registryMirrors: z
      .array(registryMirror)
      .max(16)
      .default([])
      .meta(rules({ rule: 'self.all(mirror, self.exists_one(other, other.registry == mirror.registry))', message: 'registries must not repeat' }))
      .describe('Mirrors of image registries, for containerd.'),
    proxy,
    certificateAuthorities: z.array(pem).max(8).default([]).describe('Further certificate authorities the operating system trusts, PEM.'),
    sysctls: z.array(sysctl).max(64).default([]).describe('Kernel settings over those of the class.'),
  })
  .meta(rules({ rule: "self.format != 'ignition' || self.users.all(user, user.sshKeys.all(key, !key.matches('(: |:$| #)')))", message: 'Cluster API cannot write keys whose comment holds a colon or a number sign for Ignition; shorten the comment' }))
  .describe("The nodes' operating system.");

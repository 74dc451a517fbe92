/** What the runtime is told when it starts: a JSON file that the server's image writes. */
import { z } from 'zod';
import { isOneUser } from './one-user.ts';

export const runtimeConfigSchema = z.strictObject({
  socket: z.string().default('/run/containerd/containerd.sock').describe('Unix socket of the CRI services.'),
  stateDir: z.string().default('/var/lib/keelson-cri').describe('Private directory of running containers; a mount of its own without propagation.'),
  runDir: z.string().default('/run/keelson-cri').describe('Pinned namespaces, sockets and the skeleton of tool containers; gone after a reboot.'),
  cgroup: z.string().default('/run/keelson/cgroup/containers').describe('cgroup2 directory below which each container has its own.'),
  isOneUser: z.boolean().default(() => isOneUser()).describe('The server is in a user namespace of one user (a sandbox without root): no cgroups, nobody to be but root.'),
  toolsDir: z.string().default('/opt/keelson/tools').describe('The pinned tools, one executable each, that images of sandbox/images/images.ts run.'),
  diskProgramsDir: z.string().default('/opt/keelson/node/bin').describe('Programs of the node image that know disks of the sandbox, for images that mount them.'),
  layersDir: z.string().default('/var/lib/keelson/layers').describe('Unpacked image layers, shared by all servers of a machine.'),
  imagesDir: z.string().default('/opt/keelson/images').describe('OCI image layouts, one directory each, whose images can be pulled; looked at with every pull.'),
  device: z.string().default('eth0').describe('The network device that leads out of the server.'),
  node: z.string().default(process.execPath).describe('The Node.js binary that runs the port-forward dialer.'),
  dialer: z.string().default(`${import.meta.dirname}/streaming/dialer/main.ts`).describe('The program that dials ports inside pods.'),
});

export type RuntimeConfig = z.output<typeof runtimeConfigSchema>;

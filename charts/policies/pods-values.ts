/** Values of the part "pods": which level of the Pod Security Standards where, and who is excepted. */
import { z } from 'zod';
import { exceptionSchema } from '../../policies/pods/exception.ts';

const level = z.enum(['privileged', 'baseline', 'restricted']);
const namespaces = (list: readonly string[], what: string) => z.array(z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)).default([...list]).describe(what);

const namespaceClass = (defaults: { readonly level: z.infer<typeof level>; readonly mode: 'follow' | 'audit' | 'deny' | 'off' }, whose: string) =>
  z
    .object({
      level: level.default(defaults.level).describe('Level that its pods should meet.'),
      version: z.string().regex(/^(latest|v1\.(2[5-9]|[3-9][0-9]))$/).default('v1.36').describe('Version of the standard, v1.25 and later, or latest.'),
      mode: z.enum(['follow', 'audit', 'deny', 'off']).default(defaults.mode).describe('follow: as `pods.mode` says; off: not judged.'),
    })
    .prefault({})
    .describe(whose);

export const podsValues = z
  .object({
    enabled: z.boolean().default(true).describe('Judge pods at all.'),
    mode: z.enum(['audit', 'deny']).default('audit').describe('audit: warn whoever creates the pod and write it to the audit log; deny: refuse it. Look at the warnings, then change this one value.'),
    classes: z
      .object({
        tenant: namespaceClass({ level: 'restricted', mode: 'follow' }, 'All namespaces that are in no other class.'),
        observability: namespaceClass({ level: 'restricted', mode: 'follow' }, 'Namespaces of monitoring and logging.'),
        system: namespaceClass({ level: 'restricted', mode: 'audit' }, "The platform's own namespaces: static pods and node agents have to break the standard, so they are listed, not stopped, unless you say deny."),
      })
      .prefault({})
      .describe('Levels by class of namespace.'),
    systemNamespaces: namespaces(['kube-system', 'kube-public', 'kube-node-lease', 'keelson-system'], 'Namespaces of class system, by exact name.'),
    observabilityNamespaces: namespaces(['monitoring'], 'Namespaces of class observability, by exact name.'),
    exceptions: z.array(exceptionSchema).default([]).describe('Who may break which checks with which workload, why, and until when. An exception that is over fails the rendering.'),
    exceptionGuard: z
      .object({
        enabled: z.boolean().default(true).describe("Keep Kyverno's PolicyExceptions, of every group and version, out of all namespaces but these."),
        namespaces: namespaces(['keelson-system'], 'Where they may be.'),
      })
      .prefault({})
      .describe('Guard of exceptions that are objects.'),
    kyverno: z
      .object({ enabled: z.boolean().default(false).describe('Also write ValidatingPolicies and PolicyExceptions for Kyverno 1.17 and later: reports and scans of what runs already. It must be installed.') })
      .prefault({})
      .describe('Reports by Kyverno.'),
  })
  .prefault({})
  .describe('Pod Security Standards.');

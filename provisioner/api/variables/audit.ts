/**
 * The field `audit` of the variable `api`. Its rules are those of audit.k8s.io/v1, checked as the API server checks a policy
 * before it starts (k8s.io/apiserver, pkg/apis/audit/validation): of a rule that it does not take, a control plane server
 * dies. A field it does not know is refused too; the API server would only warn, and the rule then matches more than was meant.
 */
import { z } from 'zod';
import { asWritten, rules } from '../openapi.ts';

/** Far beyond what a node's user data hold; CEL cost estimates need a bound. */
const most = 1024;
const texts = (what: string) => z.array(z.string().max(most)).max(most).optional().describe(what);
const stages = z.array(z.enum(['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'])).max(16);

/** Of an API group; the empty text is the core group. */
const groupName = /^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const groupResource = z
  .strictObject({
    group: z.string().max(253).regex(groupName).optional().describe('API group; empty or not given: the core group.'),
    resources: texts('Such as `pods`, `pods/log`, `*/scale`; empty: all of the group.'),
    resourceNames: texts('Names of objects; only with `resources`.'),
  })
  .meta(rules({ rule: '!has(self.resourceNames) || self.resourceNames.size() == 0 || (has(self.resources) && self.resources.size() > 0)', message: 'resourceNames need at least one of resources' }));

const isEmpty = (field: string): string => `(!has(self.${field}) || self.${field}.size() == 0)`;

const policyRule = z
  .strictObject({
    level: z.enum(['None', 'Metadata', 'Request', 'RequestResponse']).describe('How much is written down.'),
    users: texts('Who asks; empty: everybody.'),
    userGroups: texts('A group of whoever asks.'),
    verbs: texts('Such as `get`, `create`.'),
    resources: z.array(groupResource).max(most).optional().describe('What is asked for.'),
    namespaces: texts('Where it is; the empty text is for what is in no namespace.'),
    nonResourceURLs: z.array(z.string().max(most).regex(/^(\*|\/[^*]*\*?)$/)).max(most).optional().describe('Paths such as `/healthz*`; `*` only at the end.'),
    omitStages: stages.optional().describe('Stages of which nothing is written.'),
    omitManagedFields: z.boolean().optional().describe("Whether managed fields are left out; not given: they are, as the class's policy says."),
  })
  .meta(rules({ rule: `${isEmpty('nonResourceURLs')} || (${isEmpty('resources')} && ${isEmpty('namespaces')})`, message: 'a rule is for resources or for nonResourceURLs, not for both' }))
  .describe('A rule of audit.k8s.io/v1.');

export const audit = z
  .object({
    rules: z
      .array(asWritten(policyRule))
      .max(32)
      .default([])
      .describe("Rules before the class's own (audit.k8s.io/v1, the first that matches decides)."),
    maxAgeDays: z.int().min(30).max(365).default(30).describe('Days a log file is kept (CIS 1.2.17).'),
    maxFiles: z.int().min(10).max(100).default(10).describe('Log files that are kept (CIS 1.2.18).'),
    maxSizeMiB: z.int().min(100).max(1024).default(100).describe('Size at which a log file is closed (CIS 1.2.19).'),
  })
  .prefault({})
  .describe('Audit log, in /var/log/kubernetes/audit of every control plane server.');

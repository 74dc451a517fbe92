/**
 * Who hears of what, as a team writes it down: receivers, hours, teams, environments, tenants, contacts. `config.ts` makes
 * Alertmanager's configuration of it. Secrets are files that Alertmanager reads, never values.
 */
import { z } from 'zod';
import { RoutingError } from './errors.ts';

const name = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'a name is lower-case letters, digits and dashes');
const url = z.string().regex(/^(https?:\/\/\S+)?$/, 'an http or https address, or nothing');
const file = z.string().regex(/^\/\S+$/, 'an absolute path that Alertmanager sees');
const duration = z.string().regex(/^([0-9]+(ms|s|m|h|d|w))+$/, 'a duration like 5m');

/** How mail is sent, to whomever. */
const mail = { from: z.email(), smarthost: z.string().regex(/^[^:\s]+:\d+$/, 'host:port'), username: z.string().optional(), passwordFile: file.optional(), requireTls: z.boolean().default(true) };

const receiver = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), url: url.default('').describe("Takes Alertmanager's webhook; empty: alerts stay in Alertmanager."), urlFile: file.optional().describe('File with the address, where that is a secret.') }),
  z.strictObject({ kind: z.literal('pagerduty'), routingKeyFile: file.describe('File with the key of an Events API v2 integration.'), url: url.optional() }),
  z.strictObject({ kind: z.literal('opsgenie'), apiKeyFile: file, apiUrl: url.optional().describe('Another region: https://api.eu.opsgenie.com/') }),
  z.strictObject({ kind: z.literal('slack'), apiUrlFile: file.describe('File with the address of an incoming webhook.'), channel: z.string().regex(/^[#@]\S+$/, 'a channel begins with # or @') }),
  z.strictObject({ kind: z.literal('email'), to: z.email(), ...mail }),
]);

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'a time like 08:00');
const interval = z.strictObject({
  days: z.array(z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'])).min(1),
  from: clock, to: clock,
  timezone: z.string().min(1).describe('Of the IANA list: Europe/Berlin.'),
});

const way = z.union([name.transform((to) => ({ to, during: undefined })), z.strictObject({ to: name, during: name.optional().describe('Only in this interval; outside it is kept until it begins.') })]);
const ways = z.strictObject({ page: z.array(way).min(1), notify: z.array(way).min(1), ticket: z.array(way).min(1) });

export const routingSchema = z.strictObject({
  receivers: z.record(name, receiver).describe('Ways to people, by name.'),
  intervals: z.record(name, interval).default({}).describe('Hours, by name.'),
  teams: z.strictObject({ platform: ways }).describe('Who hears of each severity.'),
  environments: z
    .array(z.strictObject({ name, match: z.record(z.string().regex(/^[a-z_]+$/), z.string().min(1)).refine((match) => Object.keys(match).length > 0, 'needs a label'), ways }))
    .default([]).describe('Clusters whose alerts go elsewhere, by identity labels; the first that matches counts.'),
  tenants: z.array(z.strictObject({ organization: name, ways })).default([]).describe('Contacts of organizations, for what their own people broke. Without one, and without contacts, it goes where tickets of the platform go.'),
  contacts: z
    .strictObject(mail)
    .optional().describe('How mail goes to the address that an Organization names in spec.contact.email, for what its own people broke; an organization that stands under tenants has its ways instead.'),
  heartbeat: z.strictObject({ url: url.default(''), urlFile: file.optional() }).prefault({}).describe('External dead man\'s switch: called every minute, raises the alarm when that ends.'),
  secondWay: z.array(name).default([]).describe('Receivers that hear of it when a receiver fails; another integration than the pager.'),
  timing: z
    .strictObject({ groupWait: duration.default('30s'), groupInterval: duration.default('5m'), repeatPages: duration.default('4h'), repeatOthers: duration.default('24h') })
    .prefault({}).describe('How long alerts of a group are collected, until a change of it is sent, until an unchanged page and an unchanged notice is repeated.'),
});

export type Routing = z.infer<typeof routingSchema>;
export type ReceiverSpec = Routing['receivers'][string];
export type Ways = Routing['teams']['platform'];

/** Names that the tree itself uses. */
const reserved = ['unrouted', 'nobody', 'heartbeat', 'contacts'];

/** @throws RoutingError ROUTING_INVALID for what does not fit the schema, names something that is not there, or leaves something unused */
export function parseRouting(input: unknown): Routing {
  const parsed = routingSchema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new RoutingError('ROUTING_INVALID', `routing: ${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'malformed'}`, { cause: parsed.error });
  }
  const routing = parsed.data;
  for (const [path, found] of waysOf(routing)) {
    if (!routing.receivers[found.to]) throw new RoutingError('ROUTING_INVALID', `routing: ${path}: there is no receiver ${found.to}; name one of ${Object.keys(routing.receivers).join(', ')}`);
    if (found.during !== undefined && !routing.intervals[found.during]) throw new RoutingError('ROUTING_INVALID', `routing: ${path}: there is no interval ${found.during}; define it under intervals`);
  }
  for (const taken of reserved.filter((each) => routing.receivers[each])) throw new RoutingError('ROUTING_INVALID', `routing: receivers.${taken}: the name is taken by the tree itself; choose another`);
  return routing;
}

/** Every way that leads to a receiver, with where it is written. */
export function waysOf(routing: Routing): (readonly [path: string, way: Ways['page'][number]])[] {
  const of = (path: string, { page, notify, ticket }: Ways): (readonly [string, Ways['page'][number]])[] =>
    Object.entries({ page, notify, ticket }).flatMap(([severity, list]) => list.map((each, i) => [`${path}.${severity}[${i}]`, each] as const));
  return [
    ...of('teams.platform', routing.teams.platform),
    ...routing.environments.flatMap(({ ways: own }, i) => of(`environments[${i}].ways`, own)),
    ...routing.tenants.flatMap(({ ways: own }, i) => of(`tenants[${i}].ways`, own)),
    ...routing.secondWay.map((to, i) => [`secondWay[${i}]`, { to, during: undefined }] as const),
  ];
}

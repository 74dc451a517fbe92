/**
 * Matchers on labels of alerts, as Alertmanager has them, and the rule that they must name something: a silence by severity
 * or by cluster alone hides what comes next.
 */
import { z } from 'zod';
import { rules, type Rule } from './openapi.ts';

export const matcherOperators = ['=', '!=', '=~', '!~'] as const;

export const alertMatcher = z.object({
  name: z.string().min(1).max(128).regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/).describe('Label of the alert: alertname, node, namespace.'),
  operator: z.enum(matcherOperators).default('=').describe('= and != compare; =~ and !~ take the value as a regular expression (RE2) of the whole.'),
  value: z.string().min(1).max(256).describe('What the label is compared with.'),
});
export type AlertMatcher = z.output<typeof alertMatcher>;

/** Labels that a great part of all alerts shares: a matcher on them names nothing. */
export const broadLabels = ['severity', 'team', 'area', 'cluster_id', 'cluster_type', 'organization', 'environment', 'region', 'provider', 'installation', 'customer', 'pipeline', 'service_priority', 'job', 'prometheus'] as const;

/** Values with | between them, nothing else of a regular expression but an escaped dot. */
const listOfNames = String.raw`^([A-Za-z0-9_:/-]|\\[.])+([|]([A-Za-z0-9_:/-]|\\[.])+)*$`;

/** The dead man's switch: silenced, the alarm outside goes off. */
const neverSilenced = 'Watchdog';

export const namesNothing = `at least one matcher names what is silenced, with = or with =~ and names separated by |, on another label than ${broadLabels.join(', ')}; a MaintenanceWindow hides a whole cluster for some hours`;
const isSwitch = `${neverSilenced} is the dead man's switch: silenced, the alarm outside goes off`;

/** Over a list of matchers. */
export const matcherRules: readonly Rule[] = [
  {
    rule: `self.exists(m, !(m.name in [${broadLabels.map((label) => `'${label}'`).join(', ')}]) && (m.operator == '=' || (m.operator == '=~' && m.value.matches(${JSON.stringify(listOfNames)}))))`,
    message: namesNothing,
  },
  { rule: `!self.exists(m, m.name == 'alertname' && m.operator in ['=', '=~'] && m.value.split('|').exists(name, name == '${neverSilenced}'))`, message: isSwitch },
  // An error in a condition is not swallowed, as one beside || would be.
  { rule: "self.all(m, m.operator in ['=~', '!~'] ? (''.matches(m.value) ? true : true) : true)", message: 'the value of =~ and !~ is a regular expression (RE2)' },
];

export const alertMatchers = z.array(alertMatcher).min(1).max(16).meta({ ...rules(...matcherRules), 'x-kubernetes-list-type': 'atomic' }).describe('Labels of the alerts; all must match.');

/** What is wrong with matchers, by the same rules as at admission; undefined when nothing is. */
export function matcherProblem(matchers: readonly AlertMatcher[]): string | undefined {
  const names = matchers.some(({ name, operator, value }) => !(broadLabels as readonly string[]).includes(name) && value !== '' && (operator === '=' || (operator === '=~' && new RegExp(listOfNames).test(value))));
  if (!names) return namesNothing;
  return matchers.some(({ name, operator, value }) => name === 'alertname' && (operator === '=' || operator === '=~') && value.split('|').includes(neverSilenced)) ? isSwitch : undefined;
}

/** alertname="NodeDiskFull", as people write it. */
export const matcherText = ({ name, operator, value }: AlertMatcher): string => `${name}${operator}${JSON.stringify(value)}`;

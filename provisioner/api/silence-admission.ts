/** What a schema cannot ask: how far the end of a Silence is from its beginning. Times of CRDs know no clock; the object's own creation is one. */
import { type PolicyObject, validatingPolicy } from './admission-policy.ts';
import { group } from './names.ts';
import { longestSilenceDays } from './silence.ts';

const made = 'timestamp(object.metadata.creationTimestamp)';
const ends = 'timestamp(object.spec.expiresAt)';

/** The policy and its binding. They hold for everybody, the fleet's owners too. */
export function silencePolicy(): PolicyObject[] {
  const days = `duration('${longestSilenceDays * 24}h')`;
  return validatingPolicy('keelson-silences', {
    matchConstraints: { resourceRules: [{ apiGroups: [group], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['silences'] }] },
    validations: [
      { expression: `${ends} <= ${made} + ${days}`, messageExpression: `'expiresAt: ' + object.spec.expiresAt + ' is more than ${longestSilenceDays} days after the object was made; a longer one hides what nobody mends'`, message: `expiresAt: ${longestSilenceDays} days after the object was made at most`, reason: 'Invalid' },
      { expression: `request.operation != 'CREATE' || ${ends} > ${made}`, message: 'expiresAt: has passed already', reason: 'Invalid' },
    ],
  });
}

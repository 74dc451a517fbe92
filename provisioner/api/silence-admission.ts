/** What a schema cannot ask: how far the end of a Silence is from its beginning. Times of CRDs know no clock; the object's own creation is one. */
import { group } from './names.ts';
import { longestSilenceDays } from './silence.ts';

const name = 'keelson-silences';
const made = 'timestamp(object.metadata.creationTimestamp)';
const ends = 'timestamp(object.spec.expiresAt)';

/** The policy and its binding, fail-closed. They hold for everybody, the fleet's owners too. */
export function silencePolicy(): readonly object[] {
  const days = `duration('${longestSilenceDays * 24}h')`;
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules: [{ apiGroups: [group], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['silences'] }] },
        validations: [
          { expression: `${ends} <= ${made} + ${days}`, messageExpression: `'expiresAt: ' + object.spec.expiresAt + ' is more than ${longestSilenceDays} days after the object was made; a longer one hides what nobody mends'`, message: `expiresAt: ${longestSilenceDays} days after the object was made at most`, reason: 'Invalid' },
          { expression: `request.operation != 'CREATE' || ${ends} > ${made}`, message: 'expiresAt: has passed already', reason: 'Invalid' },
        ],
      },
    },
    { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name, validationActions: ['Deny'] } },
  ];
}

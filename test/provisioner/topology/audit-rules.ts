/** Rules of an audit policy, for the schema and for the API server: both are to take the same ones. */

/** Each uses something that the others do not. */
export const goodAuditRules: readonly object[] = [
  { users: ['nobody'], level: 'None' },
  { level: 'Metadata', resources: [{ resources: ['pods/log', '*/scale'] }, { group: '', resources: ['configmaps'], resourceNames: ['a'] }, { group: 'apps' }, {}], namespaces: ['shop', ''], verbs: ['get'] },
  { level: 'Request', nonResourceURLs: ['*', '/healthz*', '/metrics', '/'], resources: [], namespaces: [], userGroups: ['system:nodes'] },
  { level: 'RequestResponse', omitStages: ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'], omitManagedFields: false, resources: [{ group: 'rbac.authorization.k8s.io', resources: [], resourceNames: [] }] },
];

/** With the field that the API server names. */
export const badAuditRules: readonly (readonly [rule: object, field: string])[] = [
  [{ level: 'Everything' }, 'level'],
  [{ users: ['a'] }, 'level'],
  [{ level: 'None', omitStages: ['Started'] }, 'omitStages'],
  [{ level: 'None', nonResourceURLs: ['healthz'] }, 'nonResourceURLs[0]'],
  [{ level: 'None', nonResourceURLs: ['/a/*/b'] }, 'nonResourceURLs[0]'],
  [{ level: 'None', nonResourceURLs: ['/a'], resources: [{ resources: ['pods'] }] }, 'nonResourceURLs'],
  [{ level: 'None', nonResourceURLs: ['/a'], namespaces: ['shop'] }, 'nonResourceURLs'],
  [{ level: 'None', resources: [{ group: 'Apps' }] }, 'resources.group'],
  [{ level: 'None', resources: [{ resourceNames: ['a'] }] }, 'resources.resourceNames'],
];

/** Which room may import which: the table of CONTRIBUTING.md as rules. A room imports itself and what is listed here, nothing else. */
const pure = ['policies/', 'monitoring/', 'dashboards/'];
const rooms = {
  'exporters/core': [],
  'exporters/cert': ['exporters/core/', 'provisioner/kube/'],
  'exporters/net': ['exporters/core/', 'provisioner/kube/'],
  'exporters/node': ['exporters/', 'provisioner/kube/'],
  'policies/findings': [],
  'policies/pods': ['policies/findings/'],
  'policies/network': ['policies/findings/'],
  'policies/tenancy': ['policies/findings/'],
  dashboards: pure,
  monitoring: ['exporters/core/catalogue', 'exporters/cert/catalogue', 'exporters/net/catalogue', ...pure],
  'provisioner/api': ['policies/tenancy/roles'],
  'provisioner/kube': [],
  'provisioner/openstack': [],
  'provisioner/helm': [],
  'provisioner/federation-proxy': [],
  'provisioner/metrics-relay': ['provisioner/kube/'],
  'provisioner/preflight': ['provisioner/api/', 'provisioner/kube/', 'provisioner/openstack/', ...pure],
  'provisioner/cluster-secrets': ['provisioner/api/', 'provisioner/kube/', 'provisioner/preflight/'],
  'provisioner/cluster-plan': ['provisioner/api/', 'provisioner/kube/', 'provisioner/preflight/', 'provisioner/topology/', ...pure],
  'provisioner/topology': ['provisioner/api/', 'provisioner/openstack/', 'provisioner/kube/', 'provisioner/preflight/', ...pure],
  'provisioner/operators': ['provisioner/api/', 'provisioner/kube/', 'provisioner/openstack/', 'provisioner/helm/', 'provisioner/preflight/', ...pure],
  charts: ['exporters/cert/catalogue', 'exporters/cert/config', 'exporters/core/flags', 'exporters/core/errors', 'exporters/net/catalogue', 'exporters/net/config', 'exporters/core/catalogue', 'provisioner/api/', 'provisioner/topology/', ...pure],
};
const escape = (path) => path.replaceAll('.', '\\.');
export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-sandbox-in-the-image',
      severity: 'error',
      comment: 'the image holds provisioner/ without the sandbox: only what a sub-command of the sandbox loads when it runs may import it, all others its types',
      from: { path: '^provisioner/', pathNot: '^provisioner/cli/(commands/(up|down|status|demo|tools|kubeconfig|sandbox)|fleet-context|places)\\.ts$' },
      to: { path: '^sandbox/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sandbox-commands-are-loaded-lazily',
      severity: 'error',
      comment: 'a pod never loads the sandbox',
      from: { path: '^provisioner/cli/(main|program|sandbox-commands|context|write|explain|commands/(operator|topology-extension|federation-proxy|metrics-relay))\\.ts$' },
      to: { path: '^provisioner/cli/(commands/(up|down|status|demo|tools|kubeconfig|sandbox)|fleet-context|places)\\.ts$', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `direction: ${room}`,
      severity: 'error',
      comment: `${room} may import ${allowed.length ? allowed.join(', ') : 'nothing of ours'}`,
      from: { path: `^${escape(room)}/` },
      to: {
        path: '^(exporters|policies|dashboards|monitoring|provisioner|charts|sandbox|test)/',
        pathNot: [room + '/', ...allowed].map((p) => `^${escape(p)}`),
      },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/openstack-lab/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'], extensions: ['.ts', '.js', '.mjs', '.json'] },
  },
};

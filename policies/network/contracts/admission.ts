/** Kyverno and cert-manager: webhooks that the API server calls, and controllers behind them. Only target ports: the Services' 443 never reaches a policy. */
import { callsApiServer, callsDns, type Contract, outside, tcp } from '../contract.ts';

const byApiServer = (listener: string, what: string) => ({ listener, from: { kind: 'apiServer' }, reason: `admission webhook: ${what}` }) as const;

export const kyvernoAdmission = (): Contract => ({
  component: 'kyverno-admission-controller',
  pods: { namespace: 'kyverno', labels: { 'app.kubernetes.io/part-of': 'kyverno', 'app.kubernetes.io/component': 'admission-controller' } },
  listens: { webhook: tcp('webhook', 9443, { isProbed: true }), metrics: tcp('metrics', 8000) },
  serves: [byApiServer('webhook', 'policies of Kyverno')],
  calls: [
    callsApiServer('policies, and the objects they look at'),
    { to: outside('registries'), reason: 'verifies signatures of images' },
    callsDns('names of the registries'),
  ],
});

export const kyvernoCleanup = (): Contract => ({
  component: 'kyverno-cleanup-controller',
  pods: { namespace: 'kyverno', labels: { 'app.kubernetes.io/part-of': 'kyverno', 'app.kubernetes.io/component': 'cleanup-controller' } },
  listens: { webhook: tcp('webhook', 9443, { isProbed: true }), metrics: tcp('metrics', 8000) },
  serves: [byApiServer('webhook', 'cleanup policies of Kyverno')],
  calls: [callsApiServer('removes what policies say')],
});

const kyvernoController = (name: string, reason: string) => (): Contract => ({
  component: `kyverno-${name}`,
  pods: { namespace: 'kyverno', labels: { 'app.kubernetes.io/part-of': 'kyverno', 'app.kubernetes.io/component': name } },
  listens: { metrics: tcp('metrics', 8000) },
  serves: [],
  calls: [callsApiServer(reason)],
});
export const kyvernoBackground = kyvernoController('background-controller', 'generates and mutates what exists');
export const kyvernoReports = kyvernoController('reports-controller', 'writes policy reports');

const certManagerPods = (component: string) => ({ namespace: 'cert-manager', labels: { 'app.kubernetes.io/instance': 'cert-manager', 'app.kubernetes.io/component': component } });

export const certManagerWebhook = (): Contract => ({
  component: 'cert-manager-webhook',
  pods: certManagerPods('webhook'),
  listens: { webhook: tcp('webhook', 10250), health: tcp('health', 6080, { isProbed: true }), metrics: tcp('metrics', 9402) },
  serves: [byApiServer('webhook', 'validates certificates and issuers')],
  calls: [callsApiServer('its own serving certificate')],
});

export const certManagerController = (): Contract => ({
  component: 'cert-manager-controller',
  pods: certManagerPods('controller'),
  listens: { metrics: tcp('metrics', 9402), health: tcp('health', 9403, { isProbed: true }) },
  serves: [],
  calls: [
    callsApiServer('certificates, issuers, Secrets'),
    { to: outside('acme'), reason: 'orders certificates' },
    callsDns('names of ACME servers, and challenges by DNS'),
  ],
});

export const certManagerCaInjector = (): Contract => ({
  component: 'cert-manager-cainjector',
  pods: certManagerPods('cainjector'),
  listens: { metrics: tcp('metrics', 9402) },
  serves: [],
  calls: [callsApiServer('puts CAs into webhooks')],
});

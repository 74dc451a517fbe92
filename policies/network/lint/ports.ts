/** A Service's port where the port of its pods belongs: policies act after service translation (cilium#1299, rwlove/home-ops#11516, kubescape/node-agent#943). */
import type { Finding } from '../../findings/finding.ts';
import type { Pod, Service } from '../model.ts';
import { exists } from '../simulator/labels.ts';
import type { PortMatch } from '../simulator/ports.ts';
import type { Rule } from '../simulator/rule.ts';
import { numberOf } from '../world/workloads.ts';
import { about, type LintContext } from './context.ts';

export function servicePorts(context: LintContext): readonly Finding[] {
  return context.rules.filter(({ verdict }) => verdict === 'allow').flatMap((rule) => {
    const receivers = receiversOf(rule, context);
    return [...singlePorts(rule).flatMap((port) => misread(rule, port, receivers, context)), ...ofApiServer(rule, context)];
  });
}

type SinglePort = PortMatch & { readonly from: number };

function singlePorts(rule: Rule): readonly SinglePort[] {
  if (rule.ports === 'all') return [];
  return rule.ports.filter((match): match is SinglePort => 'from' in match && match.from === match.to);
}

/** Pods whose ports the rule is about. */
function receiversOf(rule: Rule, { podsWith }: LintContext): readonly Pod[] {
  if (rule.isAboutNodes) return [];
  if (rule.direction === 'ingress') return podsWith(rule.subject);
  if (typeof rule.peers === 'string') return [];
  return rule.peers.flatMap((peer) => (peer.kind === 'labels' ? podsWith(peer.requirements) : []));
}

function misread(rule: Rule, { from: port, protocol }: SinglePort, receivers: readonly Pod[], context: LintContext): readonly Finding[] {
  if (receivers.length === 0 || receivers.some(({ ports }) => ports.some((own) => own.port === port && own.protocol === protocol))) return [];
  for (const pod of receivers) {
    for (const service of context.simulator.world.services.filter((one) => serves(one, pod))) {
      const found = service.ports.find((one) => one.port === port && one.protocol === protocol);
      const target = found && numberOf(found.targetPort, pod.ports);
      if (!found || target === undefined || target === port) continue;
      return [about(context, rule, 'toPorts', {
        rule: 'service-port', severity: 'error',
        message: `${port}/${protocol} is the port of Service ${service.namespace}/${service.name}; its pods listen on ${target}, and policies see that one`,
        fix: `write ${target} instead of ${port}`,
      })];
    }
  }
  return [];
}

const serves = ({ namespace, selector }: Service, pod: Pod): boolean =>
  selector !== undefined && Object.keys(selector).length > 0 && namespace === pod.namespace && Object.entries(selector).every(([key, value]) => pod.labels[key] === value);

/** The Service default/kubernetes has port 443, the API server behind it another (cert-manager#5787). */
function ofApiServer(rule: Rule, context: LintContext): readonly Finding[] {
  const isIt = rule.direction === 'egress' && typeof rule.peers !== 'string' && rule.peers.some((peer) => peer.kind === 'labels' && JSON.stringify(peer.requirements) === JSON.stringify([exists('reserved', 'kube-apiserver')]));
  const target = context.catalogue.site.apiServerPort;
  const ports = singlePorts(rule).map(({ from }) => from);
  if (!isIt || target === 443 || !ports.includes(443) || ports.includes(target)) return [];
  return [about(context, rule, 'toPorts', { rule: 'service-port', severity: 'error', message: `443/TCP is the port of Service default/kubernetes; the API server listens on ${target}, and policies see that one`, fix: `write ${target} instead of 443` })];
}

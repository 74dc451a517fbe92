import { dnsFindings, type Answer, type DnsView } from '../../../exporters/net/verdict/dns.ts';

const answer = (proto: 'udp' | 'tcp', seconds: number): Answer => ({ proto, result: 'NOERROR', seconds });
const server = (name: string, role: DnsView['role'], udpSeconds: number, tcpSeconds: number): DnsView => ({ name, role, answers: [answer('udp', udpSeconds), answer('tcp', tcpSeconds)] });
const findings = (...servers: readonly DnsView[]): readonly string[] => dnsFindings(servers, { slowSeconds: 0.5, isExplained: () => false }).map(({ verdict, subject, detail }) => `${verdict} ${subject} ${detail}`);

test('a way to names that is slow over one protocol alone is named by the protocol, over both as slow', () => {
  expect(findings(server('kube-dns', 'service', 0.001, 0.8), server('a', 'pod', 0.001, 0.9))).toEqual(['dns_path_bad kube-dns tcp']);
  expect(findings(server('kube-dns', 'service', 0.8, 0.001), server('a', 'pod', 0.9, 0.001))).toEqual(['dns_path_bad kube-dns udp']);
  expect(findings(server('kube-dns', 'service', 0.8, 0.8), server('a', 'pod', 0.9, 0.9))).toEqual(['dns_path_bad kube-dns slow']);
});

test('one pod of several that is slow over one protocol is slow', () => {
  expect(findings(server('kube-dns', 'service', 0.001, 0.001), server('a', 'pod', 0.001, 0.9), server('b', 'pod', 0.001, 0.001))).toEqual(['dns_server_bad a slow']);
});

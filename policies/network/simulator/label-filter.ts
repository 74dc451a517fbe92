/**
 * Which labels of pods and nodes become part of an identity. Others are dropped: a selector on one of them matches nothing,
 * silently (https://docs.cilium.io/en/stable/operations/performance/scalability/identity-relevant-labels/).
 */

export type LabelFilter = (key: string, source: string) => boolean;

interface Pattern {
  readonly source: string | undefined;
  readonly isExcluding: boolean;
  readonly expression: RegExp;
}

/** defaultLabelPrefixCfg of pkg/labelsfilter, in the notation of the agent's `labels` setting. */
export const defaultIdentityLabels: readonly string[] = [
  'reserved:.*', String.raw`io\.kubernetes\.pod\.namespace`, String.raw`io\.cilium\.k8s\.namespace\.labels`, String.raw`app\.kubernetes\.io`,
  String.raw`io\.cilium\.k8s\.policy\.cluster`, String.raw`io\.cilium\.k8s\.policy\.serviceaccount`,
  String.raw`!io\.kubernetes`, String.raw`!kubernetes\.io`, String.raw`!statefulset\.kubernetes\.io/pod-name`, String.raw`!apps\.kubernetes\.io/pod-index`,
  String.raw`!batch\.kubernetes\.io/job-completion-index`, String.raw`!batch\.kubernetes\.io/controller-uid`, String.raw`!.*beta\.kubernetes\.io`, String.raw`!k8s\.io`,
  '!pod-template-generation', '!pod-template-hash', '!controller-revision-hash', '!controller-uid', '!annotation.*', '!etcd_node', String.raw`!topology\.kubernetes\.io`,
];

/**
 * @param additional the agent's `labels` setting: added to the default list; as soon as one of them includes, only included labels are kept
 * @throws SyntaxError for an entry that is not a regular expression
 */
export function labelFilter(additional: readonly string[] = []): LabelFilter {
  const patterns = [...defaultIdentityLabels, ...additional].map(parsePattern);
  const isAllowList = additional.map(parsePattern).some((pattern) => !pattern.isExcluding);
  const known = new Map<string, boolean>();
  const decide = (key: string, source: string) => {
    const matches = patterns.flatMap((pattern) => {
      const length = matchedLength(pattern, key, source);
      return length === undefined ? [] : [{ length, isExcluding: pattern.isExcluding }];
    });
    const included = Math.max(0, ...matches.filter((m) => !m.isExcluding).map((m) => m.length));
    const excluded = matches.filter((m) => m.isExcluding).map((m) => m.length);
    const ignored = excluded.length > 0 ? Math.min(...excluded) : 0;
    return (!isAllowList && ignored === 0) || included > ignored;
  };
  return (key, source) => {
    const text = `${source}:${key}`;
    const answer = known.get(text) ?? decide(key, source);
    known.set(text, answer);
    return answer;
  };
}

function parsePattern(text: string): Pattern {
  const colon = text.indexOf(':');
  const prefix = colon < 0 ? text : text.slice(colon + 1);
  const isExcluding = prefix.startsWith('!');
  return { source: colon < 0 ? undefined : text.slice(0, colon), isExcluding, expression: new RegExp(isExcluding ? prefix.slice(1) : prefix) };
}

/** Where the match ends; undefined without one that starts at the key's beginning. */
function matchedLength({ source, expression }: Pattern, key: string, labelSource: string): number | undefined {
  if (source !== undefined && source !== labelSource) return undefined;
  const match = expression.exec(key);
  return match?.index === 0 ? match[0].length : undefined;
}

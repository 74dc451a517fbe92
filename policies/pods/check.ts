/**
 * What a check of the Pod Security Standards is, as data. Nothing here knows a single rule: the rules stand in `checks/`,
 * and the evaluator, the CEL renderers, the documentation and the mutation tests all read the same data.
 */

/** Ids are those of the reference implementation, k8s.io/pod-security-admission. */
export type CheckId =
  | 'hostNamespaces' | 'privileged' | 'capabilities_baseline' | 'hostPathVolumes' | 'hostPorts' | 'appArmorProfile' | 'seLinuxOptions'
  | 'procMount' | 'seccompProfile_baseline' | 'sysctls' | 'windowsHostProcess' | 'hostProbesAndHostLifecycle' | 'restrictedVolumes'
  | 'allowPrivilegeEscalation' | 'runAsNonRoot' | 'capabilities_restricted' | 'seccompProfile_restricted' | 'runAsUser' | 'procMount_restricted';

/** A level of the standard; each includes the one before. */
export type Level = 'privileged' | 'baseline' | 'restricted';

export type Value = string | number | boolean;

/**
 * Where a field is. `spec…` and `metadata…` start at the pod, `C[*]…` at every container of the three lists (containers,
 * initContainers, ephemeralContainers); `[*]` is every element of a list.
 */
export type Path = string;

export type Rule =
  /** Where the field is set, its value is one of `allowed`. */
  | (RuleBase & {
      readonly kind: 'allowed';
      readonly paths: readonly Path[];
      readonly allowed: readonly Value[];
      /** An object (or list element) that is there without this field is refused as well: the field is required in it. */
      readonly unset?: 'refused';
    })
  /** Where the field is set, its value is none of `refused`. */
  | (RuleBase & { readonly kind: 'refused'; readonly paths: readonly Path[]; readonly refused: readonly Value[] })
  /** The field is not set at all. */
  | (RuleBase & { readonly kind: 'absent'; readonly paths: readonly Path[] })
  /** Every container sets the field to one of `allowed`; where it does not set it, `inherits` (a path from the pod) does. */
  | (RuleBase & { readonly kind: 'required'; readonly path: Path; readonly inherits?: Path; readonly allowed: readonly Value[] })
  /** The list has `value` in it, in every container. */
  | (RuleBase & { readonly kind: 'contains'; readonly path: Path; readonly value: string })
  /** Annotations whose key starts with `prefix` have one of these values, or one that starts with `allowedPrefix`. */
  | (RuleBase & { readonly kind: 'annotations'; readonly prefix: string; readonly allowed: readonly string[]; readonly allowedPrefix: string })
  /** Every volume has a source of this list, or none at all: the API server makes an emptyDir of it. `others` are all other sources there are. */
  | (RuleBase & { readonly kind: 'volumes'; readonly allowed: readonly string[]; readonly others: readonly string[] });

interface RuleBase {
  /** What to change, as an instruction. */
  readonly fix: string;
}

/** Pods to which a check does not apply: those whose `spec.os.name` is windows, those with `spec.hostUsers: false`. */
export type Exemption = 'windows' | 'userNamespace';

/** The rules of a check from one minor version of the standard on, until its next revision. */
export interface Revision {
  /** Minor version: 35 is v1.35. */
  readonly since: number;
  readonly rules: readonly Rule[];
  readonly exempts?: Exemption;
}

export interface Check {
  readonly id: CheckId;
  readonly level: 'baseline' | 'restricted';
  /** What the check is about, as the start of a message: "host ports". */
  readonly title: string;
  /** Why it matters, one sentence. */
  readonly why: string;
  /** Ascending. */
  readonly revisions: readonly Revision[];
  /** The baseline check that this one takes the place of at level restricted, wherever both are in force. */
  readonly replaces?: CheckId;
  /** Where the rule comes from: file of the reference implementation, and what else decided it. */
  readonly source: string;
}

/** One place in an object that a check refuses. */
export interface Violation {
  readonly check: CheckId;
  /** Path from the root of the object that was evaluated: spec.template.spec.containers[0].ports[0].hostPort */
  readonly path: string;
  /** The value found there; null where nothing is set. */
  readonly found: unknown;
  readonly fix: string;
}

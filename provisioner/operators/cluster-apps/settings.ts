/** How the whole fleet wants its bundles: the file of `--bundle-settings`, which the chart keelson writes. */
import { parse } from 'yaml';
import { z } from 'zod';
import { OperatorError } from '../errors.ts';
import { type BundlePolicy, parsePolicy } from './policy.ts';
import type { ManagementSettings } from './target.ts';

const reasons = z.record(z.string(), z.string().min(1));
const file = z.strictObject({
  policy: z.string().default('with-kubernetes'),
  leaveOut: reasons.default({}),
  imageRegistry: z.string().default(''),
  catalog: z.string().default(''),
  management: z.strictObject({ enabled: z.boolean().default(false), policy: z.string().default('latest'), without: reasons.default({}) }).prefault({}),
}).prefault({});

export interface BundleSettings {
  /** Of clusters that say nothing. */
  readonly policy: BundlePolicy;
  /** App of the bundle → why no cluster of this fleet gets it. */
  readonly leaveOut: Readonly<Record<string, string>>;
  readonly imageRegistry?: string;
  /** Shared Catalog with the charts of older releases. */
  readonly catalog?: string;
  /** undefined: the management cluster gets no bundle. */
  readonly management?: ManagementSettings;
}

export const defaultSettings: BundleSettings = { policy: { kind: 'with-kubernetes' }, leaveOut: {} };

/** @throws {OperatorError} BUNDLE_SETTINGS_INVALID naming what is wrong */
export function parseBundleSettings(text: string): BundleSettings {
  const parsed = file.safeParse(yaml(text) ?? {});
  if (!parsed.success) throw new OperatorError('BUNDLE_SETTINGS_INVALID', `bundle settings: ${z.prettifyError(parsed.error)}; see values.bundle of the chart keelson`);
  const { policy, leaveOut, imageRegistry, catalog, management } = parsed.data;
  parsePolicy(management.policy);
  return {
    policy: parsePolicy(policy), leaveOut,
    ...(imageRegistry === '' ? {} : { imageRegistry }),
    ...(catalog === '' ? {} : { catalog }),
    ...(management.enabled ? { management: { policy: management.policy, without: management.without } } : {}),
  };
}

function yaml(text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (cause) {
    throw new OperatorError('BUNDLE_SETTINGS_INVALID', 'bundle settings: not YAML', { cause });
  }
}

/** One cloud of a clouds.yaml: how to log in and where. */
import { parse } from 'yaml';
import { z } from 'zod';
import { CloudError } from './errors.ts';

const auth = z.looseObject({
  auth_url: z.url({ protocol: /^https?$/ }),
  application_credential_id: z.string().optional(),
  application_credential_secret: z.string().optional(),
  application_credential_name: z.string().optional(),
  username: z.string().optional(),
  user_id: z.string().optional(),
  password: z.string().optional(),
  user_domain_name: z.string().optional(),
  user_domain_id: z.string().optional(),
  project_name: z.string().optional(),
  project_id: z.string().optional(),
  project_domain_name: z.string().optional(),
  project_domain_id: z.string().optional(),
  domain_name: z.string().optional(),
  domain_id: z.string().optional(),
});
const cloud = z.looseObject({
  auth,
  region_name: z.string().optional(),
  interface: z.string().optional(),
  verify: z.boolean().optional(),
  cacert: z.string().optional(),
});
const clouds = z.looseObject({ clouds: z.record(z.string(), z.unknown()) });

export type Cloud = z.output<typeof cloud>;

/** `compute_endpoint_override: http://…` replaces the catalog's endpoint of a service; dashes of a service type become underscores. */
export function endpointOverride(cloud: Cloud, serviceType: string): string | undefined {
  const value = cloud[`${serviceType.replaceAll('-', '_')}_endpoint_override`];
  return typeof value === 'string' ? value : undefined;
}

/** @throws CloudError CLOUD_CONFIG that names the entry and the field, never a value */
export function parseClouds(text: string, name: string): Cloud {
  const file = clouds.safeParse(parseYaml(text));
  if (!file.success) throw new CloudError('CLOUD_CONFIG', 'clouds.yaml has no mapping "clouds"; see the openstacksdk documentation for its format');
  const entry = file.data.clouds[name];
  if (entry === undefined) throw new CloudError('CLOUD_CONFIG', `clouds.yaml has no cloud "${name}"; it has ${Object.keys(file.data.clouds).join(', ') || 'none'}`);
  const parsed = cloud.safeParse(entry);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CloudError('CLOUD_CONFIG', `clouds.yaml, cloud "${name}": ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new CloudError('CLOUD_CONFIG', 'clouds.yaml is no YAML', { cause: cause instanceof Error ? new Error(cause.message.split('\n')[0]) : undefined });
  }
}

/** What user data may ask about the instance it runs on: the variables of `## template: jinja` (cloud-init docs, "Instance metadata"). */

/** As Nova's metadata service has it (meta_data.json). */
export interface MetaData {
  readonly uuid: string;
  readonly name: string;
  readonly hostname: string;
  readonly availability_zone: string;
}

/** Names with dashes are also there with underscores, as cloud-init adds them (`instance-data.json`, sub-keys of ds.meta_data). */
export function instanceData(meta: MetaData): Readonly<Record<string, unknown>> {
  const short = meta.hostname.split('.')[0] ?? meta.hostname;
  const v1 = {
    availability_zone: meta.availability_zone, cloud_id: 'openstack', cloud_name: 'openstack', platform: 'openstack', subplatform: 'config-disk (/run/keelson/seed)',
    distro: 'debian', instance_id: meta.uuid, local_hostname: short, region: null, public_ssh_keys: [],
  };
  const metaData = { ...meta, 'instance-id': meta.uuid, instance_id: meta.uuid, 'local-hostname': meta.hostname, local_hostname: meta.hostname };
  return { ...v1, v1, ds: { meta_data: metaData } };
}

/** The bundle of this release, as data: what clusters get, where, after what. Start reading here. */
import packageJson from '../../../package.json' with { type: 'json' };
import { bundleProblems } from '../../../provisioner/api/bundle-check.ts';
import { type ClusterBundle, clusterBundleSpec } from '../../../provisioner/api/cluster-bundle.ts';
import { apiVersion } from '../../../provisioner/api/names.ts';
import { addOns } from './add-ons.ts';
import { chartVersion } from './chart-version.ts';
import { foundation } from './foundation.ts';

/** Its apps, in the order of installation. @throws Error naming what is wrong with it */
export function releaseBundle(): Omit<ClusterBundle, 'status'> {
  const spec = clusterBundleSpec.parse({
    version: packageJson.version,
    kubernetes: { min: '1.35', max: '1.36' },
    apps: [...foundation, ...addOns].map(({ name, description, ...app }) => ({ name, description, chart: name, version: chartVersion(name), ...app })),
  });
  const problems = bundleProblems(spec);
  if (problems.length > 0) throw new Error(`the bundle of this release: ${problems.join('; ')}`);
  return { apiVersion, kind: 'ClusterBundle', metadata: { name: `keelson-${packageJson.version}` }, spec };
}

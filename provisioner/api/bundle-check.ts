/** What is wrong with a bundle, before any cluster gets it. */
import { isBundleFact } from './bundle-facts.ts';
import { placeholdersOf } from './bundle-template.ts';
import { type BundleApp, type ClusterBundleSpec, compareMinors, isWithin } from './cluster-bundle.ts';

/** One sentence per problem; none: it can be used. */
export function bundleProblems({ kubernetes, apps }: ClusterBundleSpec): string[] {
  const names = new Set(apps.map(({ name }) => name));
  const backwards = [{ what: 'the bundle', range: kubernetes }, ...apps.flatMap(({ name, kubernetes: range }) => (range ? [{ what: name, range }] : []))]
    .filter(({ range }) => compareMinors(range.min, range.max) > 0)
    .map(({ what, range }) => `${what}: kubernetes.min ${range.min} is newer than max ${range.max}`);
  const unknown = apps.flatMap(({ name, dependsOn }) => dependsOn.filter((other) => !names.has(other)).map((other) => `${name}: dependsOn ${other}, which is not in the bundle`));
  return [...backwards, ...unknown, ...overlaps(apps), ...circles(apps), ...apps.flatMap((app) => wrongPlaceholders(app, names))];
}

/** The apps for one minor. */
export function appsFor(bundle: Pick<ClusterBundleSpec, 'apps'>, minor: string): BundleApp[] {
  return bundle.apps.filter(({ kubernetes }) => isWithin(minor, kubernetes));
}

function overlaps(apps: readonly BundleApp[]): string[] {
  return apps.flatMap((app, i) => apps.slice(i + 1).filter((other) => other.name === app.name && overlap(app, other)).map(() => `${app.name}: is there twice for the same minor of Kubernetes; give each its kubernetes.min and max`));
}

function overlap({ kubernetes: a }: BundleApp, { kubernetes: b }: BundleApp): boolean {
  return !a || !b || (compareMinors(a.min, b.max) <= 0 && compareMinors(b.min, a.max) <= 0);
}

/** Each circle once, as a way back to where it began. */
function circles(apps: readonly BundleApp[]): string[] {
  const dependsOn = new Map<string, Set<string>>();
  for (const app of apps) dependsOn.set(app.name, new Set([...(dependsOn.get(app.name) ?? []), ...app.dependsOn]));
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (name: string, way: readonly string[]): void => {
    const start = way.indexOf(name);
    if (start >= 0) found.push(`dependsOn goes in a circle: ${[...way.slice(start), name].join(' → ')}`);
    if (start >= 0 || done.has(name)) return;
    for (const next of dependsOn.get(name) ?? []) walk(next, [...way, name]);
    done.add(name);
  };
  for (const name of dependsOn.keys()) walk(name, []);
  return found;
}

function wrongPlaceholders({ name, values }: BundleApp, names: ReadonlySet<string>): string[] {
  const isKnown = (fact: string): boolean => (fact.startsWith('has.') ? names.has(fact.slice('has.'.length)) : isBundleFact(fact));
  return placeholdersOf(values).filter((fact) => !isKnown(fact)).map((fact) => `${name}: values name \${${fact}}, and there is no such fact (docs/apps.md); write $\${${fact}} if it is meant as it stands`);
}

/** The order among Apps: dependsOn is a graph, and what is true of it is worked out here, without I/O. */
import type { AppObject } from './app-object.ts';

type Lookup = (name: string) => AppObject | undefined;

/** The way from an App back to itself along dependsOn. */
export function dependencyCycle(app: AppObject, appNamed: Lookup): readonly string[] | undefined {
  const start = app.metadata.name;
  const seen = new Set<string>();
  const walk = (current: AppObject, way: readonly string[]): readonly string[] | undefined => {
    for (const name of current.spec.dependsOn) {
      if (name === start) return [...way, name];
      if (seen.has(name)) continue;
      seen.add(name);
      const next = appNamed(name);
      const found = next && walk(next, [...way, name]);
      if (found) return found;
    }
    return undefined;
  };
  return walk(app, [start]);
}

/** Those that name the App in dependsOn. */
export function directDependents(app: AppObject, apps: readonly AppObject[]): readonly AppObject[] {
  const { namespace, name } = app.metadata;
  return apps.filter((other) => other.metadata.namespace === namespace && other.spec.dependsOn.includes(name));
}

/** Those, and those that depend on them, and so on: all that a change of dependsOn can put into a circle or take out of one. */
export function allDependents(app: AppObject, apps: readonly AppObject[]): readonly AppObject[] {
  const found = new Map<string, AppObject>();
  const visit = (current: AppObject): void => {
    for (const next of directDependents(current, apps)) {
      if (found.has(next.metadata.name)) continue;
      found.set(next.metadata.name, next);
      visit(next);
    }
  };
  visit(app);
  return [...found.values()];
}

/**
 * Who has to go before an App is uninstalled: everything that depends on it and is still there. Members of one circle do not
 * wait for each other; they would for ever.
 */
export function heldBy(app: AppObject, apps: readonly AppObject[]): readonly string[] {
  const appNamed: Lookup = (name) => apps.find((other) => other.metadata.namespace === app.metadata.namespace && other.metadata.name === name);
  const circle = new Set(circleOf(app, apps, appNamed));
  return directDependents(app, apps).map((other) => other.metadata.name).filter((name) => !circle.has(name)).toSorted();
}

/** All that the App can reach and that can reach it. */
function circleOf(app: AppObject, apps: readonly AppObject[], appNamed: Lookup): readonly string[] {
  if (!dependencyCycle(app, appNamed)) return [];
  const behind = new Set(allDependents(app, apps).map((other) => other.metadata.name));
  const ahead = new Set<string>();
  const visit = (current: AppObject): void => {
    for (const name of current.spec.dependsOn) {
      const next = appNamed(name);
      if (!next || ahead.has(name)) continue;
      ahead.add(name);
      visit(next);
    }
  };
  visit(app);
  return [...ahead].filter((name) => behind.has(name));
}

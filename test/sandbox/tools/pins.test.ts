/** The tables of pinned tools agree with each other and with the go.mod files that are built. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { builtNames } from '../../../sandbox/tools/build.ts';
import { familyFolder } from '../../../sandbox/tools/families.ts';
import { families, pinnedCatalogue, pinOf, previousKubernetes, tools } from '../../../sandbox/tools/index.ts';
import { pinnedModule } from '../../../sandbox/tools/modules.ts';

const folderOf = (name: string) => familyFolder([...families, ...previousKubernetes.families].find((family) => family.name === name)!, pinnedCatalogue.source);
const goMod = (family: string) => readFileSync(join(folderOf(family), 'go.mod'), 'utf8');

describe('the tables of tools', () => {
  test('list each tool once, and exactly those that the families build', () => {
    const names = tools.map((tool) => tool.name);
    expect(new Set(names).size).toBe(names.length);
    expect([...names].sort()).toEqual(families.flatMap((family) => [...builtNames(family)]).sort());
  });

  test('name for each tool the family that builds it', () => {
    for (const family of families) for (const name of builtNames(family)) expect(`${name} ${pinOf(name as never).family}`).toBe(`${name} ${family.name}`);
  });

  test('have one family folder each, and no folder without a family', () => {
    const folders = readdirSync(pinnedCatalogue.source, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    expect(folders.sort()).toEqual([...families, ...previousKubernetes.families].filter((family) => !family.folder).map((family) => family.name).sort());
  });

  test.each([...families, ...previousKubernetes.families].map((family) => [family.name, family] as const))('%s is pinned in its go.mod to the same version, with sums', (name, family) => {
    expect(pinnedModule(goMod(name), family.module)).toEqual({ path: family.module, version: family.moduleVersion });
    const sums = readFileSync(join(folderOf(name), 'go.sum'), 'utf8');
    expect(sums).toContain(`${family.module} ${family.moduleVersion} h1:`);
  });

  test('set a linker variable to the version that each tool is known by, where it has one', () => {
    for (const family of families.filter((candidate) => Object.keys(candidate.variables).length > 0)) {
      const version = tools.find((tool) => tool.family === family.name && tool.name !== 'etcd')?.version ?? '';
      expect(Object.values(family.variables).map((value) => value.replace(/^v/, ''))).toContain(version);
    }
  });

  test('pin the same etcd in the table and in the program, for both versions of Kubernetes', () => {
    const previous = previousKubernetes.tools.find((tool) => tool.name === 'etcd')?.version;
    expect(pinnedModule(goMod('kubernetes'), 'go.etcd.io/etcd/server/v3')?.version).toBe(`v${pinOf('etcd').version}`);
    expect(pinnedModule(goMod('kubernetes-1.35'), 'go.etcd.io/etcd/server/v3')?.version).toBe(`v${previous}`);
  });

  test.each([
    ['csi-attacher', 'github.com/kubernetes-csi/external-attacher/v4'], ['csi-provisioner', 'github.com/kubernetes-csi/external-provisioner/v5'], ['csi-resizer', 'github.com/kubernetes-csi/external-resizer'],
    ['csi-snapshotter', 'github.com/kubernetes-csi/external-snapshotter/v8'], ['snapshot-controller', 'github.com/kubernetes-csi/external-snapshotter/v8'], ['csi-companion', 'k8s.io/kubelet'],
  ] as const)('pin %s to the version of its own module', (name, module) => {
    expect(pinnedModule(goMod(pinOf(name).family), module)?.version).toBe(`v${pinOf(name).version}`);
  });

  test('build the previous Kubernetes only when it is asked for', () => {
    expect(previousKubernetes.tools.map((tool) => tool.name)).toEqual(tools.filter((tool) => tool.family === 'kubernetes').map((tool) => tool.name));
    expect(tools.filter((tool) => tool.family === 'kubernetes-1.35')).toEqual([]);
  });

  test('give the one program with several names a case for every name', () => {
    const main = readFileSync(join(pinnedCatalogue.source, 'kubernetes', 'main.go'), 'utf8');
    for (const name of families.find((family) => family.name === 'kubernetes')?.names ?? []) expect(main).toContain(`case "${name}":`);
    expect(existsSync(join(pinnedCatalogue.source, 'kubernetes', 'go.sum'))).toBe(true);
  });
});

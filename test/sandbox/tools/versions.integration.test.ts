/** The programs themselves say the versions of the table. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { printedVersion } from '../../../sandbox/tools/installed.ts';
import { tools, usualToolNames } from '../../../sandbox/tools/index.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';

const usual = new Set(usualToolNames());
describeWith({ tools: [...usual] }, 'the pinned tools', () => {
  test.each(tools.filter((tool) => tool.versionArguments && usual.has(tool.name)).map((tool) => [tool.name, tool.version, tool] as const))('%s is %s', async (name, version, tool) => {
    expect(await printedVersion(join(toolsBin, name), tool.versionArguments ?? [], AbortSignal.timeout(30_000))).toBe(version);
  }, 40_000);
});

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageStore } from '../../../sandbox/cri/image-store.ts';
import { removeFormer, setAside } from '../../../sandbox/images/former.ts';
import { writeLayout } from '../../../sandbox/images/layout.ts';

let out: string;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'keelson-former-'));
});
afterEach(() => rm(out, { recursive: true }));

/** As a build of that version would; what it says of itself is its description. */
async function built(version: string, description = version): Promise<void> {
  await setAside(join(out, 'keelson'), version);
  await writeLayout(join(out, 'keelson'), { reference: `ghcr.io/keelson/keelson:${version}`, version, description, user: '65532:65532', entrypoint: ['/bin/keelson'], env: [] }, []);
}
/** What a server of the fleet gets. */
const pulled = (version: string): Promise<string> => new ImageStore({ toolsDir: '', diskProgramsDir: '', layersDir: '', imagesDir: out }).pull(`ghcr.io/keelson/keelson:${version}`).then(({ digest }) => digest);

test('the image of a former release can be pulled beside that of the next', async () => {
  await built('0.1.0');
  const first = await pulled('0.1.0');
  await built('0.2.0');
  expect(await pulled('0.1.0')).toBe(first);
  expect(await pulled('0.2.0')).not.toBe(first);
});

test('another build of the same release takes its place, also after a later one', async () => {
  await built('0.1.0');
  const first = await pulled('0.1.0');
  await built('0.1.0', 'changed');
  expect(await readdir(out)).toEqual(['keelson']);
  const changed = await pulled('0.1.0');
  expect(changed).not.toBe(first);
  await built('0.2.0');
  await built('0.1.0', 'changed again');
  expect([first, changed]).not.toContain(await pulled('0.1.0'));
});

test('with the fleet the former ones go, and the last one stays for the next fleet', async () => {
  for (const version of ['0.1.0', '0.2.0', '0.3.0']) await built(version);
  expect((await readdir(out)).sort()).toEqual(['keelson', 'keelson-0.1.0', 'keelson-0.2.0']);
  await removeFormer(out);
  expect(await readdir(out)).toEqual(['keelson']);
  await removeFormer(join(out, 'nothing'));
});

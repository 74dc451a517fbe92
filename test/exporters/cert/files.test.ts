import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { certificateFamilies, healthFamilies } from '../../../exporters/cert/catalogue.ts';
import { schema, type Config } from '../../../exporters/cert/config.ts';
import { FilesSource } from '../../../exporters/cert/sources/files.ts';
import { SelfMetrics } from '../../../exporters/core/self-metrics.ts';
import { SourceHealth, sourceMetrics } from '../../../exporters/core/source-health.ts';
import { SeriesStore } from '../../../exporters/core/store.ts';
import { FakeClock } from '../core/fake-clock.ts';
import { silentLog } from '../../../provisioner/kube/log.ts';
import { Pkcs12 } from '../../../exporters/cert/formats/pkcs12.ts';
import { workerEntry } from './running-exporter.ts';
import { makeCertificate } from './make-certificate.ts';

const none = new AbortController().signal;

describe('FilesSource', () => {
  let root: string;
  let cert: string;
  let other: string;
  beforeAll(async () => {
    cert = (await makeCertificate({ serial: '01' })).cert;
    other = (await makeCertificate({ serial: '02' })).cert;
  });
  beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'files-'))));
  afterEach(() => rm(root, { recursive: true, force: true }));

  const start = (config: Partial<Config['files']> = {}): { source: FilesSource; series: () => string[]; health: SourceHealth; skipped: string[]; collisions: () => number } => {
    const store = new SeriesStore(certificateFamilies, new FakeClock());
    const health = new SourceHealth('files', sourceMetrics('cert_exporter', new SelfMetrics(healthFamilies)));
    const skipped: string[] = [];
    let collisions = 0;
    const files = { ...schema.parse({ files: { directories: [root] }, secrets: { enabled: false } }).files, ...config };
    const source = new FilesSource({ config: files, store, health, pkcs12: new Pkcs12(workerEntry), log: silentLog, clock: new FakeClock(), onSkipped: (path, reason) => skipped.push(`${path.slice(root.length + 1)} ${reason}`), onCollision: (count) => void (collisions += count) });
    const series = (): string[] => Buffer.concat([...store.snapshot.chunks('text')]).toString().split('\n')
      .filter((line) => line.startsWith('cert_exporter_not_after{')).map((line) => line.replace(`${root}/`, '').replace('cert_exporter_not_after', '').split(' ')[0]!);
    return { source, series, health, skipped, collisions: () => collisions };
  };

  test('finds every certificate below a directory, and no key', async () => {
    await mkdir(join(root, 'etcd'));
    await writeFile(join(root, 'ca.crt'), cert + other);
    await writeFile(join(root, 'ca.key'), '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n');
    await writeFile(join(root, 'etcd/server.crt'), cert);
    const { source, series, health } = start();
    await source.pass(none);
    expect(series()).toEqual(['{path="ca.crt",serialnumber="1"}', '{path="ca.crt",serialnumber="2"}', '{path="etcd/server.crt",serialnumber="1"}']);
    expect(health.state).toEqual({ name: 'files', isUp: true, objects: 2, failure: undefined, errors: {} });
  });

  test('an unreadable file is skipped and counted alone', async () => {
    await writeFile(join(root, 'a.crt'), cert);
    await truncate(join(root, 'a.crt'), 10 * 1024);
    await writeFile(join(root, 'b.crt'), cert);
    await writeFile(join(root, 'c.crt'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    const { source, series, health, skipped } = start({ maxFileBytes: 5 * 1024 });
    await source.pass(none);
    await source.pass(none);
    expect(series()).toEqual(['{path="b.crt",serialnumber="1"}']);
    expect(health.state.errors).toEqual({ too_large: 2, bad_certificate: 2 });
    expect(skipped).toEqual(['a.crt too_large', 'c.crt bad_certificate']);
  });

  test('a sparse file of a gigabyte is not read', async () => {
    await writeFile(join(root, 'big.crt'), cert);
    await truncate(join(root, 'big.crt'), 2 ** 30);
    const { source, health } = start();
    await source.pass(none);
    expect(health.state.errors).toEqual({ too_large: 1 });
  });

  test('renewed and removed files change the series, unchanged ones are kept', async () => {
    await writeFile(join(root, 'a.crt'), cert);
    await writeFile(join(root, 'b.crt'), cert);
    const { source, series } = start();
    await source.pass(none);
    await writeFile(join(root, 'new'), other);
    await rename(join(root, 'new'), join(root, 'a.crt'));
    await unlink(join(root, 'b.crt'));
    await source.pass(none);
    expect(series()).toEqual(['{path="a.crt",serialnumber="2"}']);
  });

  test('a Secret as the kubelet mounts it is seen once, and again after the swap of ..data', async () => {
    const version = async (name: string, content: string): Promise<void> => {
      await mkdir(join(root, name));
      await writeFile(join(root, name, 'tls.crt'), content);
      await symlink(name, join(root, '..data_tmp'));
      await rename(join(root, '..data_tmp'), join(root, '..data'));
    };
    await version('..2026_01', cert);
    await symlink('..data/tls.crt', join(root, 'tls.crt'));
    const { source, series } = start();
    await source.pass(none);
    expect(series()).toEqual(['{path="tls.crt",serialnumber="1"}']);
    await version('..2026_02', other);
    await source.pass(none);
    expect(series()).toEqual(['{path="tls.crt",serialnumber="2"}']);
  });

  test('links are followed inside the root only; circles and links to nothing end', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'));
    await writeFile(join(outside, 'x.crt'), cert);
    await mkdir(join(root, 'real'));
    await writeFile(join(root, 'real/a.crt'), cert);
    await symlink(join(root, 'real/a.crt'), join(root, 'inside.crt'));
    await symlink(join(outside, 'x.crt'), join(root, 'outside.crt'));
    await symlink('nowhere', join(root, 'dangling.crt'));
    await symlink('self', join(root, 'self'));
    await symlink('..', join(root, 'real/up'));
    const { source, series, skipped } = start();
    await source.pass(none);
    await rm(outside, { recursive: true });
    expect(series()).toEqual(['{path="inside.crt",serialnumber="1"}', '{path="real/a.crt",serialnumber="1"}']);
    expect(skipped.sort()).toEqual(['dangling.crt broken_symlink', 'outside.crt outside_root', 'self broken_symlink']);
  });

  test('a pipe does not hang the walk', async () => {
    execFileSync('mkfifo', [join(root, 'pipe.crt')]);
    await writeFile(join(root, 'a.crt'), cert);
    const { source, series } = start();
    await source.pass(none);
    expect(series()).toHaveLength(1);
  });

  test('files that come and go during the walk neither stop it nor hide the others', async () => {
    for (let i = 0; i < 50; i++) await writeFile(join(root, `keep${i}.crt`), cert);
    const { source, series } = start();
    let isOver = false;
    const churn = (async () => {
      for (let i = 0; !isOver; i++) {
        await writeFile(join(root, `go${i % 20}.crt`), cert);
        await rm(join(root, `go${(i + 7) % 20}.crt`), { force: true });
      }
    })();
    for (let i = 0; i < 20; i++) {
      await source.pass(none);
      expect(series().filter((line) => line.includes('keep'))).toHaveLength(50);
    }
    isOver = true;
    await churn;
  });

  test('globs and exclusions choose files', async () => {
    await mkdir(join(root, 'a/b'), { recursive: true });
    for (const name of ['a/one.crt', 'a/b/two.crt', 'a/b/three.pem', 'a/b/old.crt']) await writeFile(join(root, name), cert);
    const { source, series } = start({ directories: [], globs: [`${root}/**/*.crt`], exclude: [`${root}/**/old.*`] });
    await source.pass(none);
    expect(series().map((line) => /path="([^"]+)"/.exec(line)?.[1])).toEqual(['a/b/two.crt', 'a/one.crt']);
  });

  test('with the pattern of the chart, certificates that the kubelet has rotated away are left out and the current one stays', async () => {
    for (const name of ['kubelet-client-2025-11-20-10-00-00.pem', 'kubelet-client-2026-11-20-10-00-00.pem', 'kubelet.crt']) await writeFile(join(root, name), cert);
    await symlink(join(root, 'kubelet-client-2026-11-20-10-00-00.pem'), join(root, 'kubelet-client-current.pem'));
    const { files } = parse(await readFile(join(import.meta.dirname, '../../../charts/cert-exporter/values.yaml'), 'utf8')) as { files: { exclude: string[] } };
    const { source, series } = start({ exclude: files.exclude.map((pattern) => pattern.replace('/var/lib/kubelet/pki', root)) });
    await source.pass(none);
    expect(series().map((line) => /path="([^"]+)"/.exec(line)?.[1])).toEqual(['kubelet-client-current.pem', 'kubelet.crt']);
  });

  test('the same certificate twice in a file is one series and one collision', async () => {
    await writeFile(join(root, 'bundle.crt'), cert + cert + other);
    const { source, series, collisions } = start();
    await source.pass(none);
    expect(series()).toHaveLength(2);
    expect(collisions()).toBe(1);
  });

  test('a directory named twice is counted once', async () => {
    await writeFile(join(root, 'a.crt'), cert);
    const { source, series, health } = start({ directories: [root, root], globs: [`${root}/*`] });
    await source.pass(none);
    expect([series().length, health.state.objects]).toEqual([1, 1]);
  });

  test('a source none of whose directories exist is down, and up again when one appears', async () => {
    const late = join(root, 'late');
    const { source, series, health } = start({ directories: [late] });
    await source.pass(none);
    expect(health.state).toMatchObject({ isUp: false, errors: { not_found: 1 } });
    await mkdir(late);
    await writeFile(join(late, 'a.crt'), cert);
    await source.pass(none);
    expect([health.state.isUp, series().length]).toEqual([true, 1]);
  });

  test('a directory that may not be opened hides nothing beside it', async () => {
    if (process.getuid?.() === 0) {
      // Root passes every permission; a process that gave it up does not.
      const script = `import { walk } from ${JSON.stringify(join(process.cwd(), 'exporters/cert/sources/walk.ts'))};
        process.setgid(65534); process.setuid(65534);
        for await (const found of walk({ directory: ${JSON.stringify(root)}, wants: () => true }, new AbortController().signal)) console.log(found.path.slice(${root.length + 1}), found.reason ?? found.kind);`;
      await mkdir(join(root, 'closed'), { mode: 0o700 });
      await writeFile(join(root, 'closed/a.crt'), cert);
      await writeFile(join(root, 'd.crt'), cert);
      execFileSync('chmod', ['755', root]);
      const output = execFileSync(process.execPath, ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', script], { encoding: 'utf8', env: {} });
      expect(output.trim().split('\n')).toEqual(['closed permission_denied', 'd.crt file']);
      return;
    }
    await mkdir(join(root, 'closed'), { mode: 0o000 });
    await writeFile(join(root, 'd.crt'), cert);
    const { source, series, skipped } = start();
    await source.pass(none);
    expect([series().length, skipped]).toEqual([1, ['closed permission_denied']]);
  });
});

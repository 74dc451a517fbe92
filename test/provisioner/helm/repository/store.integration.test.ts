import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AddressPolicy, ChartStore, chartMetadata, Helm, readChart } from '../../../../provisioner/helm/index.ts';
import { describeWith, toolsBin } from '../../../fixtures/needs.ts';
import { configMap, tempFolder, writeChart } from '../charts.ts';
import { type HttpRepository, type OciRegistry, packaged, startHttpRepository, startRegistry } from './places.ts';

const login = { user: 'robot', password: 'a-password-of-the-robot' };

describeWith({ tools: ['helm', 'registry'] }, 'charts from a repository and a registry', () => {
  let folder: string;
  let archive: Buffer;
  let http: HttpRepository;
  let guarded: HttpRepository;
  let open: OciRegistry;
  let closed: OciRegistry;
  const local = new AddressPolicy({ allowedCidrs: ['127.0.0.0/8'], plainHttpHosts: ['127.0.0.1', 'localhost'] });
  const store = (policy = local) => new ChartStore({ folder: join(folder, `kept-${Math.random()}`), policy, timeoutMs: 5000 });
  const web = { chart: 'web', version: '1.2.3' };

  beforeAll(async () => {
    folder = await tempFolder();
    archive = await packaged(await writeChart(folder, 'web', { 'a.yaml': configMap }), folder, '1.2.3');
    [http, guarded, open, closed] = await Promise.all([startHttpRepository(), startHttpRepository(login), startRegistry(), startRegistry(login)]);
    for (const one of [http, guarded]) one.add({ name: 'web', version: '1.2.3', archive });
    for (const one of [open, closed]) await one.push(join(folder, 'web-1.2.3.tgz'));
  }, 60_000);
  afterAll(async () => {
    await Promise.all([http, guarded, open, closed].map((one) => one?.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  it('all four give the same archive, which Helm renders', async () => {
    const oci = (registry: OciRegistry) => `oci://127.0.0.1:${registry.port}/team`;
    const found = await Promise.all([
      store().fetch({ urls: [http.url] }, web), store().fetch({ urls: [guarded.url], credentials: { username: login.user, password: login.password } }, web),
      store().fetch({ urls: [oci(open)] }, web), store().fetch({ urls: [oci(closed)], credentials: { username: login.user, password: login.password } }, web),
    ]);
    expect(new Set(found.map(({ digest }) => digest)).size).toBe(1);
    expect(chartMetadata(await readChart(found[2]!.path))).toMatchObject({ name: 'web', version: '1.2.3' });
    const helm = new Helm({ binary: join(toolsBin, 'helm') });
    expect(await helm.template({ release: 'r', namespace: 'n', chart: found[3]!.path, values: { greeting: 'from afar' } })).toContain('from afar');
  }, 30_000);

  it('says what it has instead, and who is not let in; credentials go nowhere else', async () => {
    await expect(store().fetch({ urls: [http.url] }, { chart: 'web', version: '9.9.9' })).rejects.toMatchObject({ code: 'REPOSITORY_CHART_NOT_FOUND', message: expect.stringContaining('it has 1.2.3') as string });
    await expect(store().fetch({ urls: [`oci://127.0.0.1:${open.port}/team`] }, { chart: 'web', version: '9.9.9' })).rejects.toMatchObject({ code: 'REPOSITORY_CHART_NOT_FOUND' });
    await expect(store().fetch({ urls: [guarded.url] }, web)).rejects.toMatchObject({ code: 'REPOSITORY_UNAUTHORIZED' });
    await expect(store().fetch({ urls: [`oci://127.0.0.1:${closed.port}/team`], credentials: { username: 'robot', password: 'wrong' } }, web)).rejects.toMatchObject({ code: 'REPOSITORY_UNAUTHORIZED', message: expect.not.stringContaining('wrong') as string });

    const other = await startHttpRepository();
    const leading = await startHttpRepository(login);
    leading.add({ name: 'web', version: '1.2.3', archive, url: `${other.url}/web-1.2.3.tgz` });
    other.instead('/web-1.2.3.tgz', (_request, response) => void response.writeHead(302, { location: `${other.url}/again` }).end());
    other.instead('/again', (_request, response) => void response.end(archive));
    await store().fetch({ urls: [leading.url], credentials: { username: login.user, password: login.password } }, web);
    expect(other.requests.map(({ path, authorization }) => [path, authorization])).toEqual([['/web-1.2.3.tgz', undefined], ['/again', undefined]]);
    await Promise.all([other.stop(), leading.stop()]);
  }, 30_000);

  it('mirrors are asked in their order, until one has it', async () => {
    const dead = await startHttpRepository();
    await dead.stop();
    const empty = await startHttpRepository();
    const kept = store();
    await expect(kept.fetch({ urls: [dead.url, empty.url, http.url] }, web)).resolves.toMatchObject({ path: expect.stringMatching(/\.tgz$/) as string });
    expect(await kept.ping({ urls: [dead.url, empty.url] })).toBe(`${empty.url}/`);
    const error = await store().fetch({ urls: [dead.url, empty.url] }, web).catch((e: Error) => e);
    expect(error).toMatchObject({ code: 'REPOSITORY_UNREACHABLE', message: expect.stringContaining('it has no chart of this name') as string });
    await empty.stop();
  }, 30_000);

  it('an exact version is fetched once, a file that was changed on disk again', async () => {
    const kept = store();
    const before = http.requests.length;
    const [one, two] = await Promise.all([kept.fetch({ urls: [http.url] }, web), kept.fetch({ urls: [http.url] }, web)]);
    expect([two, await kept.fetch({ urls: [http.url] }, web)]).toEqual([one, one]);
    expect(http.requests.length - before).toBe(2);
    await writeFile(one.path, 'something else');
    expect(await kept.fetch({ urls: [http.url] }, web)).toEqual(one);
    expect(http.requests.length - before).toBe(4);
  }, 30_000);

  it('what is not what it says it is, or no chart, is not kept', async () => {
    const bad = await startHttpRepository();
    bad.add({ name: 'web', version: '1.2.3', archive, digest: '0'.repeat(64) });
    bad.add({ name: 'page', version: '1.0.0', archive: Buffer.from('<html>') });
    bad.instead('/sub/index.yaml', (_request, response) => void response.end('<html>: no index'));
    await expect(store().fetch({ urls: [bad.url] }, web)).rejects.toMatchObject({ code: 'REPOSITORY_INVALID', message: expect.stringContaining('digest') as string });
    await expect(store().fetch({ urls: [bad.url] }, { chart: 'page', version: '1.0.0' })).rejects.toMatchObject({ code: 'REPOSITORY_INVALID' });
    await expect(store().fetch({ urls: [`${bad.url}/sub`] }, web)).rejects.toMatchObject({ code: 'REPOSITORY_INVALID' });
    await bad.stop();
  }, 30_000);

  describe('addresses inside the network', () => {
    const strict = new AddressPolicy({ plainHttpHosts: ['*'] });

    it.each(['http://127.0.0.1:PORT', 'http://localhost:PORT', 'http://[::ffff:127.0.0.1]:PORT', 'oci://127.0.0.1:PORT/team', 'http://169.254.169.254/latest'])('%s is refused before anything is sent', async (url) => {
      const before = http.requests.length;
      const port = new URL(http.url).port;
      await expect(store(strict).fetch({ urls: [url.replace('PORT', port)] }, web)).rejects.toMatchObject({ code: 'REPOSITORY_REFUSED' });
      expect(http.requests.length).toBe(before);
    });

    it('a redirect, an archive elsewhere and a token service are checked as the first address was', async () => {
      const policy = new AddressPolicy({ allowedCidrs: ['127.0.0.1/32'], plainHttpHosts: ['*'] });
      const sly = await startHttpRepository();
      sly.instead('/redirecting/index.yaml', (_request, response) => void response.writeHead(302, { location: `http://127.0.0.2:${new URL(http.url).port}/index.yaml` }).end());
      sly.add({ name: 'web', version: '1.2.3', archive, url: 'http://169.254.169.254/web.tgz' });
      sly.instead('/v2/team/web/manifests/1.2.3', (_request, response) => void response.writeHead(401, { 'www-authenticate': 'Bearer realm="http://169.254.169.254/token"' }).end());
      for (const url of [`${sly.url}/redirecting`, sly.url, `oci://${new URL(sly.url).host}/team`]) {
        await expect(store(policy).fetch({ urls: [url] }, web)).rejects.toMatchObject({ code: 'REPOSITORY_REFUSED' });
      }
      await sly.stop();
    }, 30_000);
  });

  it('an archive that unpacks to too much is no chart', async () => {
    await promisify(execFile)('sh', ['-c', `mkdir -p ${folder}/bomb/web && head -c 200000000 /dev/zero >${folder}/bomb/web/values.yaml && tar -czf ${folder}/bomb.tgz -C ${folder}/bomb web && rm -r ${folder}/bomb`]);
    await expect(readChart(join(folder, 'bomb.tgz'))).rejects.toMatchObject({ code: 'HELM_CHART_INVALID', message: expect.stringContaining('unpacks to more') as string });
  }, 30_000);
});

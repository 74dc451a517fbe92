/** Whatever the catalogue says is scraped is, where a fleet has it: every target is up, and of what each component writes something arrives. */
import { expect, test } from '@jest/globals';
import { foreignComponents, seriesOf } from '../../monitoring/catalogue/index.ts';
import { scrapes } from '../../monitoring/catalogue/scrapes.ts';
import { eventually, type Keelson } from './keelson.ts';

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** What the fleet in a box has not, or nobody asked for. */
const lacking = ['cinder-csi', 'kyverno', 'cilium'];

/** Answer of the Prometheus in a cluster, through its API server. */
export async function queried(keelson: Keelson, cluster: string, query: string): Promise<readonly Series[]> {
  const { stdout, stderr, code } = await keelson.kubectl(cluster, ['get', '--raw', `/api/v1/namespaces/keelson-system/services/prometheus-operated:web/proxy/api/v1/query?query=${encodeURIComponent(query)}`]);
  if (code !== 0) throw new Error(`${cluster}: ${query}: ${stderr}`);
  return (JSON.parse(stdout) as { data: { result: readonly Series[] } }).data.result;
}

/** Registers the tests. */
export function scrapedComponents(keelson: Keelson): void {
  const both = async (query: string): Promise<readonly Series[]> => (await Promise.all(['management', 'demo'].map((cluster) => queried(keelson, cluster, query)))).flat();
  const expected = scrapes.filter(({ writer }) => !lacking.includes(writer));

  test('every target of both Prometheuses is up', async () => {
    const down = await eventually('every target is up', 180_000, async () => ((await both('up == 0')).length === 0 ? [] : undefined)).catch(() => both('up == 0'));
    expect(down.map(({ metric }) => metric)).toEqual([]);
  }, 240_000);

  test.each(expected.map(({ writer, jobs }) => [writer, jobs] as const))('of %s something arrives', async (writer, jobs) => {
    const families = foreignComponents.filter(({ name }) => name === writer).flatMap(({ families: own }) => own).flatMap(seriesOf);
    const names = families.length ? `,__name__=~"${families.join('|')}"` : '';
    const counts = await eventually(`series of ${writer}`, 120_000, async () => {
      const found = await both(`count by (job) ({job=~"${jobs.join('|')}"${names}})`);
      return found.length ? found : undefined;
    });
    console.log(`${writer}: ${counts.map(({ metric, value }) => `${value[1]} series of ${metric['job']}`).join(', ')}`);
  }, 150_000);
}
